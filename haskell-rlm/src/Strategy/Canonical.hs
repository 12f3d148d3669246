{-# LANGUAGE DataKinds #-}
{-# LANGUAGE GADTs #-}
{-# LANGUAGE Safe #-}

-- | The canonical form of a program: equal forms compute equal bits.
--
-- Constants are folded by the evaluator's own rules, choices that are none are taken, equal nodes
-- are one, what the result does not need is gone, commutative operands are sorted, and nodes are
-- ranked level by level, so that the order of writing leaves no trace.
module Strategy.Canonical
  ( canonicalText
  , canonicalFeatures
  , constantValue
  ) where

import Data.Foldable (foldl')
import qualified Data.IntMap.Strict as IntMap
import qualified Data.IntSet as IntSet
import Data.List (intercalate, sort)
import qualified Data.Map.Strict as Map
import Strategy.Bits (toHex)
import Strategy.Eval
import Strategy.Expr

-- | Operation, literal or feature, and operands.
type Term = (String, String, [Int])

data Value = NumberValue !Double | BoolValue !Bool

data Terms = Terms
  { byNumber :: IntMap.IntMap Term
  , numbers :: Map.Map Term Int
  , values :: IntMap.IntMap Value
  , places :: IntMap.IntMap Int
  -- ^ Number of the term that each node of the program became.
  }

-- | The canonical form as text: a version, then a node per rank, the result last.
canonicalText :: Program -> String
canonicalText program = intercalate ";" ("fg-strategy/1" : map line (ranked program))
  where
    line (op, leaf, operands) = unwords ([op] ++ [leaf | not (null leaf)] ++ map show operands)

-- | Features that the result depends on, as far as the canonical form tells.
canonicalFeatures :: Program -> [String]
canonicalFeatures program = [leaf | ("feat", leaf, _) <- ranked program]

-- | The result, where it is the same for all features.
constantValue :: Program -> Maybe Double
constantValue program = case IntMap.lookup root (values terms) of
  Just (NumberValue x) -> Just x
  _ -> Nothing
  where
    (terms, root) = folded program

folded :: Program -> (Terms, Int)
folded (Program nodes) = (terms, place terms (length nodes - 1))
  where
    terms = foldl' step (Terms IntMap.empty Map.empty IntMap.empty IntMap.empty) (zip [0 ..] nodes)
    step found (i, node) =
      let (number, after) = case node of
            NumNode e -> numberTerm found e
            BoolNode e -> conditionTerm found e
       in after {places = IntMap.insert i number (places after)}

place :: Terms -> Int -> Int
place terms i = IntMap.findWithDefault 0 i (places terms)

numberTerm :: Terms -> Expr 'Number -> (Int, Terms)
numberTerm t e = case e of
  Milli m -> constant t (NumberValue (fromIntegral m / 1000))
  Feature name -> term t ("feat", name, [])
  Num1 op a -> operation t (name1 op) [at t a] (numberOf1 op)
  Num2 op a b -> operation t (name2 op) (commuted (commutes op) [at t a, at t b]) (numberOf2 op)
  Clamp a b c -> operation t "clamp" [at t a, at t b, at t c] clamped
  If c a b -> choice t (at t c) (at t a) (at t b)
  where
    numberOf1 op [NumberValue a] = Just (NumberValue (held (num1 op a)))
    numberOf1 _ _ = Nothing
    numberOf2 op [NumberValue a, NumberValue b] = Just (NumberValue (held (num2 op a b)))
    numberOf2 _ _ = Nothing
    clamped [NumberValue a, NumberValue b, NumberValue c] = Just (NumberValue (held (clamp a b c)))
    clamped _ = Nothing

conditionTerm :: Terms -> Expr 'Condition -> (Int, Terms)
conditionTerm t e = case e of
  Compare Gt a b -> compared Lt b a
  Compare Ge a b -> compared Le b a
  Compare op a b -> compared op a b
  Connect op a b -> operation t (connectiveName op) (commuted True [at t a, at t b]) (joined op)
  Not a -> operation t "not" [at t a] opposite
  If c a b -> choice t (at t c) (at t a) (at t b)
  where
    compared op a b = operation t (comparisonName op) [at t a, at t b] (comparison op)
    comparison op [NumberValue a, NumberValue b] = Just (BoolValue (compareNumbers op a b))
    comparison _ _ = Nothing
    joined op [BoolValue a, BoolValue b] = Just (BoolValue (connect op a b))
    joined _ _ = Nothing
    opposite [BoolValue a] = Just (BoolValue (not a))
    opposite _ = Nothing

at :: Terms -> Ref k -> Int
at t (NumRef i) = place t i
at t (BoolRef i) = place t i

commuted :: Bool -> [Int] -> [Int]
commuted yes operands = if yes then sort operands else operands

choice :: Terms -> Int -> Int -> Int -> (Int, Terms)
choice t c a b
  | a == b = (a, t)
  | otherwise = case IntMap.lookup c (values t) of
      Just (BoolValue True) -> (a, t)
      Just (BoolValue False) -> (b, t)
      _ -> term t ("if", "", [c, a, b])

operation :: Terms -> String -> [Int] -> ([Value] -> Maybe Value) -> (Int, Terms)
operation t op operands compute =
  case traverse (`IntMap.lookup` values t) operands >>= compute of
    Just value -> constant t value
    Nothing -> term t (op, "", operands)

constant :: Terms -> Value -> (Int, Terms)
constant t value = (number, after {values = IntMap.insert number value (values after)})
  where
    (number, after) = term t (written value)
    written (NumberValue x) = ("num", toHex x, [])
    written (BoolValue x) = ("bool", if x then "1" else "0", [])

term :: Terms -> Term -> (Int, Terms)
term t found = case Map.lookup found (numbers t) of
  Just number -> (number, t)
  Nothing ->
    ( new
    , t
        { byNumber = IntMap.insert new found (byNumber t)
        , numbers = Map.insert found new (numbers t)
        }
    )
  where
    new = IntMap.size (byNumber t)

-- | Terms that the result needs, in canonical order, operands as ranks.
ranked :: Program -> [Term]
ranked program = reverse (fst (foldl' level ([], IntMap.empty) [1 .. height root]))
  where
    (terms, root) = folded program
    termOf i = IntMap.findWithDefault ("", "", []) i (byNumber terms)
    operandsOf i = let (_, _, operands) = termOf i in operands
    needed = foldl' need (IntSet.singleton root) [root, root - 1 .. 0]
    need found i = if IntSet.member i found then foldr IntSet.insert found (operandsOf i) else found
    heights :: IntMap.IntMap Int
    heights = foldl' measure IntMap.empty (IntSet.toAscList needed)
    measure found i =
      IntMap.insert i (1 + foldl' max 0 [IntMap.findWithDefault 0 j found | j <- operandsOf i]) found
    height i = IntMap.findWithDefault 0 i heights
    level (done, ranks) h =
      foldl' place' (done, ranks) (sort [(withRanks ranks (termOf i), i) | i <- atHeight h])
    atHeight h = filter ((== h) . height) (IntSet.toAscList needed)
    place' (done, ranks) (found, i) = case done of
      latest : _ | latest == found -> (done, IntMap.insert i (length done - 1) ranks)
      _ -> (found : done, IntMap.insert i (length done) ranks)

withRanks :: IntMap.IntMap Int -> Term -> Term
withRanks ranks (op, leaf, operands) = (op, leaf, commuted (op `elem` commutative) new)
  where
    new = [IntMap.findWithDefault 0 j ranks | j <- operands]

commutative :: [String]
commutative =
  [name2 op | op <- [minBound .. maxBound], commutes op]
    ++ [connectiveName op | op <- [minBound .. maxBound]]

commutes :: NumOp2 -> Bool
commutes op = op `elem` [Add, Mul, Min, Max]
