{-# LANGUAGE DataKinds #-}
{-# LANGUAGE GADTs #-}
{-# LANGUAGE Safe #-}

-- | From nodes as they were written to a typed program, or the first rule that they break.
--
-- Rules are tried in the order that the protocol states, so that every implementation names the
-- same fault: form, literal or feature, operands, kinds and depth node by node, the result last.
module Strategy.Check
  ( Written (..)
  , Fault (..)
  , Operand (..)
  , checkProgram
  , operandNames
  , maxNodes
  ) where

import Data.Foldable (foldlM)
import qualified Data.IntMap.Strict as IntMap
import qualified Data.Set as Set
import Strategy.Expr

-- | A code of the protocol, and the number of the node at fault.
data Fault = Fault String (Maybe Int)
  deriving (Eq, Show)

-- | An operand as it was written.
data Operand
  = Index Integer
  | NoIndex
  deriving (Eq, Show)

-- | A node as it was written, with the keys that its operation takes.
data Written
  = NotANode
  | UnknownOp
  | WrongKeys
  | WrittenMilli (Maybe Integer)
  -- ^ Nothing where the literal is no whole number.
  | WrittenFeature (Maybe String)
  | WrittenOperation String [Operand]
  deriving (Eq, Show)

maxNodes, maxDepth, maxFeatures :: Int
maxNodes = 64
maxDepth = 16
maxFeatures = 12

literalLimit :: Integer
literalLimit = 999999

-- | Keys of the operands of an operation; Nothing where there is no such operation.
operandNames :: String -> Maybe [String]
operandNames op
  | op `elem` map name1 [minBound .. maxBound] || op == "not" = Just ["a"]
  | op `elem` binary = Just ["a", "b"]
  | op `elem` ["clamp", "if"] = Just ["a", "b", "c"]
  | otherwise = Nothing
  where
    binary =
      map name2 [minBound .. maxBound]
        ++ map comparisonName [minBound .. maxBound]
        ++ map connectiveName [minBound .. maxBound]

data Progress = Progress
  { kinds :: IntMap.IntMap Bool
  -- ^ Whether each node is a number.
  , depths :: IntMap.IntMap Int
  , readSoFar :: Set.Set String
  , nodesBackwards :: [Node]
  }

-- | The program, or its first fault.
checkProgram :: Set.Set String -> [Written] -> Either Fault Program
checkProgram features written
  | null written = Left (Fault "no_nodes" Nothing)
  | length written > maxNodes = Left (Fault "too_many_nodes" Nothing)
  | otherwise = do
      done <- foldlM (checkNode features) start (zip [0 ..] written)
      case nodesBackwards done of
        nodes@(NumNode _ : _) -> Right (Program (reverse nodes))
        _ -> Left (Fault "not_a_number" (Just (length written - 1)))
  where
    start = Progress IntMap.empty IntMap.empty Set.empty []

checkNode :: Set.Set String -> Progress -> (Int, Written) -> Either Fault Progress
checkNode features p (i, written) = case written of
  NotANode -> refuse "not_a_node"
  UnknownOp -> refuse "unknown_op"
  WrongKeys -> refuse "wrong_keys"
  WrittenMilli (Just m)
    | abs m <= literalLimit -> add [] p (NumNode (Milli (fromInteger m)))
  WrittenMilli _ -> refuse "bad_literal"
  WrittenFeature (Just name)
    | Set.member name features ->
        let found = Set.insert name (readSoFar p)
         in if Set.size found > maxFeatures
              then refuse "too_many_features"
              else add [] p {readSoFar = found} (NumNode (Feature name))
  WrittenFeature _ -> refuse "unknown_feature"
  WrittenOperation op operands -> do
    indices <- traverse index operands
    if any (>= toInteger i) indices then refuse "forward_reference" else Right ()
    let refs = map fromInteger indices
    node <- maybe (refuse "wrong_kind") Right (typed op (map (reference p) refs))
    add refs p node
  where
    refuse :: String -> Either Fault a
    refuse code = Left (Fault code (Just i))
    index (Index j) | j >= 0 = Right j
    index _ = refuse "not_an_index"
    add refs q node
      | depth > maxDepth = refuse "too_deep"
      | otherwise =
          Right
            q
              { kinds = IntMap.insert i (isNumber node) (kinds q)
              , depths = IntMap.insert i depth (depths q)
              , nodesBackwards = node : nodesBackwards q
              }
      where
        depth = 1 + maximum (0 : [IntMap.findWithDefault 0 j (depths q) | j <- refs])

isNumber :: Node -> Bool
isNumber (NumNode _) = True
isNumber (BoolNode _) = False

data SomeRef = N (Ref 'Number) | B (Ref 'Condition)

reference :: Progress -> Int -> SomeRef
reference p i
  | IntMap.findWithDefault True i (kinds p) = N (NumRef i)
  | otherwise = B (BoolRef i)

-- | The typed node, where the operands are of the kinds that the operation takes.
typed :: String -> [SomeRef] -> Maybe Node
typed op refs = case refs of
  [N a] | Just found <- lookup op names1 -> Just (NumNode (Num1 found a))
  [B a] | op == "not" -> Just (BoolNode (Not a))
  [N a, N b]
    | Just found <- lookup op names2 -> Just (NumNode (Num2 found a b))
    | Just found <- lookup op comparisons -> Just (BoolNode (Compare found a b))
  [B a, B b] | Just found <- lookup op connectives -> Just (BoolNode (Connect found a b))
  [N a, N b, N c] | op == "clamp" -> Just (NumNode (Clamp a b c))
  [B c, N a, N b] | op == "if" -> Just (NumNode (If c a b))
  [B c, B a, B b] | op == "if" -> Just (BoolNode (If c a b))
  _ -> Nothing
  where
    names1 = [(name1 found, found) | found <- [minBound .. maxBound]]
    names2 = [(name2 found, found) | found <- [minBound .. maxBound]]
    comparisons = [(comparisonName found, found) | found <- [minBound .. maxBound]]
    connectives = [(connectiveName found, found) | found <- [minBound .. maxBound]]
