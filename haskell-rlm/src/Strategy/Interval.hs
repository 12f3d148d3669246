{-# LANGUAGE DataKinds #-}
{-# LANGUAGE GADTs #-}
{-# LANGUAGE Safe #-}

-- | Bounds on what a program can compute, found before anything runs.
--
-- Each node gets an interval that holds its value for all features within their ranges. Sums,
-- products, quotients and square roots are rounded correctly, and correct rounding is monotone:
-- intervals computed with the same operations on their ends hold the rounded results too. The one
-- composed operation (softsign) is widened by more than its rounding.
module Strategy.Interval
  ( Interval (..)
  , outputInterval
  , contains
  ) where

import Data.Foldable (foldl')
import qualified Data.IntMap.Strict as IntMap
import qualified Data.Map.Strict as Map
import Strategy.Eval (num1, num2)
import Strategy.Expr

-- | Lowest and highest value.
data Interval = Interval !Double !Double
  deriving (Eq, Show)

-- | Whether a condition can hold, and whether it can fail.
data Truth = Truth !Bool !Bool

data Env = Env !Int !(IntMap.IntMap Interval) !(IntMap.IntMap Truth)

contains :: Interval -> Double -> Bool
contains (Interval low high) x = low <= x && x <= high

-- | Interval of the result, from the range of each feature; a feature without one may be anything.
outputInterval :: Map.Map String Interval -> Program -> Interval
outputInterval ranges (Program nodes) =
  result (foldl' step (Env 0 IntMap.empty IntMap.empty) nodes)
  where
    step env@(Env i nums bools) node = case node of
      NumNode e -> Env (i + 1) (IntMap.insert i (hold (number env e)) nums) bools
      BoolNode e -> Env (i + 1) nums (IntMap.insert i (condition env e) bools)
    result (Env n nums _) = IntMap.findWithDefault anything (n - 1) nums
    number :: Env -> Expr 'Number -> Interval
    number env e = case e of
      Milli m -> let x = fromIntegral m / 1000 in Interval x x
      Feature name -> Map.findWithDefault anything name ranges
      Num1 op a -> interval1 op (num env a)
      Num2 op a b -> interval2 op (num env a) (num env b)
      Clamp a b c -> clampInterval (num env a) (num env b) (num env c)
      If c a b -> choose (bool env c) (num env a) (num env b)
    condition :: Env -> Expr 'Condition -> Truth
    condition env e = case e of
      Compare op a b -> compareIntervals op (num env a) (num env b)
      Connect op a b -> connectTruths op (bool env a) (bool env b)
      Not a -> opposite (bool env a)
      If c a b -> chooseTruth (bool env c) (bool env a) (bool env b)

anything :: Interval
anything = Interval (negate numberLimit) numberLimit

num :: Env -> Ref 'Number -> Interval
num (Env _ nums _) (NumRef i) = IntMap.findWithDefault anything i nums

bool :: Env -> Ref 'Condition -> Truth
bool (Env _ _ bools) (BoolRef i) = IntMap.findWithDefault (Truth True True) i bools

hold :: Interval -> Interval
hold (Interval low high) = Interval (held low) (held high)

join :: Interval -> Interval -> Interval
join (Interval a b) (Interval c d) = Interval (min a c) (max b d)

hull :: Double -> [Double] -> Interval
hull x xs = Interval (foldl' min x xs) (foldl' max x xs)

interval1 :: NumOp1 -> Interval -> Interval
interval1 op x@(Interval low high) = case op of
  Neg -> Interval (negate high) (negate low)
  Abs -> magnitude x
  Sqrt -> let Interval a b = magnitude x in Interval (sqrt a) (sqrt b)
  Softsign -> Interval (widenDown (num1 Softsign low)) (widenUp (num1 Softsign high))
  Sign -> Interval (num1 Sign low) (num1 Sign high)

magnitude :: Interval -> Interval
magnitude (Interval low high)
  | low >= 0 = Interval low high
  | high <= 0 = Interval (negate high) (negate low)
  | otherwise = Interval 0 (max (negate low) high)

-- | Softsign lies within [-1, 1] whatever its rounding, since 1 + |a| is never below |a|.
widenUp, widenDown :: Double -> Double
widenUp x = min 1 (x + abs x * 1e-15)
widenDown x = max (-1) (x - abs x * 1e-15)

interval2 :: NumOp2 -> Interval -> Interval -> Interval
interval2 op x@(Interval a b) y@(Interval c d) = case op of
  Add -> Interval (a + c) (b + d)
  Sub -> Interval (a - d) (b - c)
  Mul -> corners (*) x y
  Div -> quotient x y
  Min -> Interval (num2 Min a c) (num2 Min b d)
  Max -> Interval (num2 Max a c) (num2 Max b d)

corners :: (Double -> Double -> Double) -> Interval -> Interval -> Interval
corners f (Interval a b) (Interval c d) = hull (f a c) [f a d, f b c, f b d]

-- | Quotients by the divisors above, below and around 0, joined.
quotient :: Interval -> Interval -> Interval
quotient x (Interval c d) =
  case positive ++ negative ++ around of
    [] -> Interval 0 0
    piece : pieces -> foldl' join piece pieces
  where
    positive = [corners (/) x (Interval (max c smallestDivisor) d) | d >= smallestDivisor]
    negative = [corners (/) x (Interval c (min d (-smallestDivisor))) | c <= negate smallestDivisor]
    around = [Interval 0 0 | c < smallestDivisor && d > negate smallestDivisor]

clampInterval :: Interval -> Interval -> Interval -> Interval
clampInterval x low@(Interval _ highestLow) high@(Interval lowestHigh _)
  | lowestHigh < highestLow = join low usual
  | otherwise = usual
  where
    usual = interval2 Min (interval2 Max x low) high

compareIntervals :: Comparison -> Interval -> Interval -> Truth
compareIntervals op x@(Interval a b) y@(Interval c d) = case op of
  Lt -> Truth (a < d) (b >= c)
  Le -> Truth (a <= d) (b > c)
  Gt -> compareIntervals Lt y x
  Ge -> compareIntervals Le y x

connectTruths :: Connective -> Truth -> Truth -> Truth
connectTruths op (Truth a b) (Truth c d) = case op of
  And -> Truth (a && c) (b || d)
  Or -> Truth (a || c) (b && d)

opposite :: Truth -> Truth
opposite (Truth a b) = Truth b a

choose :: Truth -> Interval -> Interval -> Interval
choose (Truth yes no) a b
  | yes && no = join a b
  | yes = a
  | otherwise = b

chooseTruth :: Truth -> Truth -> Truth -> Truth
chooseTruth (Truth yes no) a@(Truth p q) b@(Truth r s)
  | yes && no = Truth (p || r) (q || s)
  | yes = a
  | otherwise = b
