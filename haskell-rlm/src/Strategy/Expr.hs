{-# LANGUAGE DataKinds #-}
{-# LANGUAGE GADTs #-}
{-# LANGUAGE KindSignatures #-}
{-# LANGUAGE Safe #-}
{-# LANGUAGE StandaloneDeriving #-}

-- | Programs of the strategy language after checking.
--
-- A program is a numbered list of nodes; a node refers to earlier nodes by number. The types say
-- which references are numbers and which are conditions, so an ill-typed node cannot be built.
module Strategy.Expr
  ( Kind (..)
  , Ref (..)
  , Expr (..)
  , Node (..)
  , Program (..)
  , NumOp1 (..)
  , NumOp2 (..)
  , Comparison (..)
  , Connective (..)
  , numberLimit
  , smallestDivisor
  , held
  , name1
  , name2
  , comparisonName
  , connectiveName
  ) where

-- | What a node computes.
data Kind = Number | Condition

-- | The number of an earlier node, and what that node computes.
data Ref (k :: Kind) where
  NumRef :: Int -> Ref 'Number
  BoolRef :: Int -> Ref 'Condition

deriving instance Show (Ref k)

data NumOp1 = Neg | Abs | Sqrt | Softsign | Sign
  deriving (Eq, Show, Enum, Bounded)

data NumOp2 = Add | Sub | Mul | Div | Min | Max
  deriving (Eq, Show, Enum, Bounded)

data Comparison = Lt | Le | Gt | Ge
  deriving (Eq, Show, Enum, Bounded)

data Connective = And | Or
  deriving (Eq, Show, Enum, Bounded)

-- | One operation on earlier nodes.
data Expr (k :: Kind) where
  Milli :: Int -> Expr 'Number
  Feature :: String -> Expr 'Number
  Num1 :: NumOp1 -> Ref 'Number -> Expr 'Number
  Num2 :: NumOp2 -> Ref 'Number -> Ref 'Number -> Expr 'Number
  Clamp :: Ref 'Number -> Ref 'Number -> Ref 'Number -> Expr 'Number
  Compare :: Comparison -> Ref 'Number -> Ref 'Number -> Expr 'Condition
  Connect :: Connective -> Ref 'Condition -> Ref 'Condition -> Expr 'Condition
  Not :: Ref 'Condition -> Expr 'Condition
  If :: Ref 'Condition -> Ref k -> Ref k -> Expr k

deriving instance Show (Expr k)

data Node
  = NumNode (Expr 'Number)
  | BoolNode (Expr 'Condition)
  deriving Show

-- | A checked program: operands come before the nodes that use them, and the result, which is the
-- last node, is a number.
newtype Program = Program {programNodes :: [Node]}
  deriving Show

-- | Largest magnitude of a number.
numberLimit :: Double
numberLimit = 1e12

-- | Smallest magnitude of a divisor; the quotient by a smaller one is 0.
smallestDivisor :: Double
smallestDivisor = 1e-9

-- | A number of the language: NaN is 0, what is too large is the limit, and zero is positive.
held :: Double -> Double
held x
  | isNaN x = 0
  | x > numberLimit = numberLimit
  | x < negate numberLimit = negate numberLimit
  | x == 0 = 0
  | otherwise = x

-- | Names of the operations on the wire.
name1 :: NumOp1 -> String
name1 op = case op of
  Neg -> "neg"
  Abs -> "abs"
  Sqrt -> "sqrt"
  Softsign -> "softsign"
  Sign -> "sign"

name2 :: NumOp2 -> String
name2 op = case op of
  Add -> "add"
  Sub -> "sub"
  Mul -> "mul"
  Div -> "div"
  Min -> "min"
  Max -> "max"

comparisonName :: Comparison -> String
comparisonName op = case op of
  Lt -> "lt"
  Le -> "le"
  Gt -> "gt"
  Ge -> "ge"

connectiveName :: Connective -> String
connectiveName op = case op of
  And -> "and"
  Or -> "or"
