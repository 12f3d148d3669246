{-# LANGUAGE DataKinds #-}
{-# LANGUAGE GADTs #-}
{-# LANGUAGE Safe #-}

-- | The reference evaluator. It is total: every operation is defined for every operand, and the
-- only recursion is over the list of nodes.
module Strategy.Eval
  ( Env
  , evaluate
  , num1
  , num2
  , clamp
  , compareNumbers
  , connect
  ) where

import Data.Foldable (foldl')
import qualified Data.IntMap.Strict as IntMap
import qualified Data.Map.Strict as Map
import Strategy.Expr

-- | Values of the nodes so far.
data Env = Env !Int !(IntMap.IntMap Double) !(IntMap.IntMap Bool)

-- | Result of a program. A feature that is not there counts as 0; callers refuse that before.
evaluate :: Program -> Map.Map String Double -> Double
evaluate (Program nodes) features = result (foldl' step (Env 0 IntMap.empty IntMap.empty) nodes)
  where
    step env@(Env i nums bools) node = case node of
      NumNode e -> Env (i + 1) (IntMap.insert i (held (number env e)) nums) bools
      BoolNode e -> Env (i + 1) nums (IntMap.insert i (condition env e) bools)
    result (Env n nums _) = IntMap.findWithDefault 0 (n - 1) nums
    number :: Env -> Expr 'Number -> Double
    number env e = case e of
      Milli m -> fromIntegral m / 1000
      Feature name -> Map.findWithDefault 0 name features
      Num1 op a -> num1 op (num env a)
      Num2 op a b -> num2 op (num env a) (num env b)
      Clamp a b c -> clamp (num env a) (num env b) (num env c)
      If c a b -> if bool env c then num env a else num env b
    condition :: Env -> Expr 'Condition -> Bool
    condition env e = case e of
      Compare op a b -> compareNumbers op (num env a) (num env b)
      Connect op a b -> connect op (bool env a) (bool env b)
      Not a -> not (bool env a)
      If c a b -> if bool env c then bool env a else bool env b

num :: Env -> Ref 'Number -> Double
num (Env _ nums _) (NumRef i) = IntMap.findWithDefault 0 i nums

bool :: Env -> Ref 'Condition -> Bool
bool (Env _ _ bools) (BoolRef i) = IntMap.findWithDefault False i bools

num1 :: NumOp1 -> Double -> Double
num1 op a = case op of
  Neg -> negate a
  Abs -> abs a
  Sqrt -> sqrt (abs a)
  Softsign -> a / (1 + abs a)
  Sign
    | a > 0 -> 1
    | a < 0 -> -1
    | otherwise -> 0

num2 :: NumOp2 -> Double -> Double -> Double
num2 op a b = case op of
  Add -> a + b
  Sub -> a - b
  Mul -> a * b
  Div
    | abs b < smallestDivisor -> 0
    | otherwise -> a / b
  Min -> if b < a then b else a
  Max -> if b > a then b else a

clamp :: Double -> Double -> Double -> Double
clamp a low high
  | high < low = low
  | otherwise = num2 Min (num2 Max a low) high

compareNumbers :: Comparison -> Double -> Double -> Bool
compareNumbers op a b = case op of
  Lt -> a < b
  Le -> a <= b
  Gt -> a > b
  Ge -> a >= b

connect :: Connective -> Bool -> Bool -> Bool
connect op a b = case op of
  And -> a && b
  Or -> a || b
