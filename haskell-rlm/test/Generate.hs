-- | Random programs that are well formed, and values to run them on.
module Generate
  ( features
  , genProgram
  , genRow
  , genRanges
  ) where

import qualified Data.Map.Strict as Map
import qualified Data.Set as Set
import Strategy.Check
import Strategy.Expr
import Strategy.Interval
import Test.QuickCheck

features :: [String]
features = ["change_1", "gap_12", "x"]

-- | Nodes are drawn one by one; one that would be ill-typed or too deep is drawn again.
genProgram :: Gen Program
genProgram = do
  n <- choose (1, 40)
  nodes <- grow n []
  case checkProgram (Set.fromList features) nodes of
    Right program -> pure program
    Left _ -> genProgram
  where
    grow :: Int -> [Written] -> Gen [Written]
    grow 0 nodes = pure nodes
    grow left nodes = do
      node <- genNode (length nodes)
      case checkProgram (Set.fromList features) (nodes ++ [node]) of
        Left (Fault "not_a_number" _) | left > 1 -> grow (left - 1) (nodes ++ [node])
        Left _ -> grow left nodes
        Right _ -> grow (left - 1) (nodes ++ [node])

genNode :: Int -> Gen Written
genNode i =
  frequency
    [ (1, WrittenMilli . Just <$> choose (-3000, 3000))
    , (1, WrittenFeature . Just <$> elements features)
    , (if i == 0 then 0 else 4, operation)
    ]
  where
    operation = do
      op <- elements (map name1 all1 ++ map name2 all2 ++ others)
      let n = maybe 0 length (operandNames op)
      WrittenOperation op <$> vectorOf n (Index . toInteger <$> choose (0, i - 1))
    all1 = [minBound .. maxBound]
    all2 = [minBound .. maxBound]
    others = ["lt", "le", "gt", "ge", "and", "or", "not", "if", "if", "clamp"]

genNumber :: Gen Double
genNumber =
  frequency
    [ (4, choose (-3, 3))
    , (1, choose (-1e12, 1e12))
    , (1, elements [0, 1, -1, 1e-9, -1e-9, 9.9e-10, 1e12, -1e12, 5e-324])
    ]

genRow :: Gen (Map.Map String Double)
genRow = Map.fromList . zip features <$> vectorOf (length features) (held <$> genNumber)

-- | Ranges, and a row that lies within them.
genRanges :: Gen (Map.Map String Interval, Map.Map String Double)
genRanges = do
  ends <- vectorOf (length features) ((,) <$> genNumber <*> genNumber)
  let ordered = [(min a b, max a b) | (a, b) <- ends]
  row <- traverse inside ordered
  pure
    ( Map.fromList (zip features [Interval (held a) (held b) | (a, b) <- ordered])
    , Map.fromList (zip features (map held row))
    )
  where
    inside (a, b) = frequency [(3, choose (a, b)), (1, pure a), (1, pure b)]

