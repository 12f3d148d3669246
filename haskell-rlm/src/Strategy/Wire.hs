{-# LANGUAGE GADTs #-}
{-# LANGUAGE OverloadedStrings #-}

-- | Programs as JSON.
module Strategy.Wire
  ( readJson
  , programFrom
  , toWire
  ) where

import Data.Aeson (Value (..), object, (.=))
import qualified Data.Aeson.Key as Key
import qualified Data.Aeson.KeyMap as KeyMap
import Data.Aeson.Parser (jsonNoDup)
import Data.Attoparsec.ByteString (endOfInput, parseOnly)
import Data.Attoparsec.ByteString.Char8 (skipSpace)
import qualified Data.ByteString as B
import Data.Foldable (toList)
import qualified Data.Set as Set
import Data.Scientific (Scientific, base10Exponent, coefficient)
import qualified Data.Text as T
import Strategy.Check
import Strategy.Expr hiding (Kind (..))

-- | One JSON value, and nothing after it. A key that is there twice is an error: parsers disagree
-- on which of the two counts. So are numbers and nests that no request of ours has.
readJson :: B.ByteString -> Either String Value
readJson bytes
  | not (modest bytes) = Left "numbers too long or nests too deep"
  | otherwise = parseOnly (skipSpace *> jsonNoDup <* skipSpace <* endOfInput) bytes

-- | Whether numbers have at most 400 digits and nests at most 32 levels, found without parsing.
modest :: B.ByteString -> Bool
modest bytes = go (0 :: Int) (0 :: Int) False False (B.unpack bytes)
  where
    go _ _ _ _ [] = True
    go depth digits inText escaped (c : rest)
      | depth > 32 || digits > 400 = False
      | inText && escaped = go depth 0 True False rest
      | inText && c == 92 = go depth 0 True True rest
      | inText = go depth 0 (c /= 34) False rest
      | c == 34 = go depth 0 True False rest
      | c == 91 || c == 123 = go (depth + 1) 0 False False rest
      | c == 93 || c == 125 = go (depth - 1) 0 False False rest
      | c >= 48 && c <= 57 = go depth (digits + 1) False False rest
      | otherwise = go depth 0 False False rest

-- | The program that a JSON value describes, or its first fault.
programFrom :: Set.Set String -> Value -> Either Fault Program
programFrom features document = case document of
  Object found
    | Set.fromList (KeyMap.keys found) == Set.fromList ["language", "prog"] -> do
        case KeyMap.lookup "language" found of
          Just (Number n) | whole n == Just 1 -> Right ()
          _ -> Left (Fault "wrong_version" Nothing)
        case KeyMap.lookup "prog" found of
          Just (Array nodes) -> checkProgram features (map written (toList nodes))
          _ -> Left (Fault "not_a_program" Nothing)
  _ -> Left (Fault "not_a_program" Nothing)

written :: Value -> Written
written (Object found) = case KeyMap.lookup "op" found of
  Just (String op) -> entry (T.unpack op)
  _ -> NotANode
  where
    entry op
      | op == "num" = withKeys ["milli"] (WrittenMilli (number "milli"))
      | op == "feat" = withKeys ["name"] (WrittenFeature (text "name"))
      | otherwise = case operandNames op of
          Nothing -> UnknownOp
          Just names -> withKeys names (WrittenOperation op (map operand names))
    withKeys names node
      | Set.fromList (map Key.toString (KeyMap.keys found)) == Set.fromList ("op" : names) = node
      | otherwise = WrongKeys
    number name = case KeyMap.lookup name found of
      Just (Number n) -> whole n
      _ -> Nothing
    text name = case KeyMap.lookup name found of
      Just (String s) -> Just (T.unpack s)
      _ -> Nothing
    operand name = maybe NoIndex Index (number (Key.fromString name))
written _ = NotANode

-- | A number that was written without point and exponent.
whole :: Scientific -> Maybe Integer
whole n
  | base10Exponent n == 0 = Just (coefficient n)
  | otherwise = Nothing

-- | A program as JSON.
toWire :: Program -> Value
toWire (Program nodes) = object ["language" .= (1 :: Int), "prog" .= map node nodes]
  where
    node (NumNode e) = expr e
    node (BoolNode e) = expr e
    expr :: Expr k -> Value
    expr e = case e of
      Milli m -> object ["op" .= ("num" :: String), "milli" .= m]
      Feature name -> object ["op" .= ("feat" :: String), "name" .= name]
      Num1 op a -> operation (name1 op) [at a]
      Num2 op a b -> operation (name2 op) [at a, at b]
      Clamp a b c -> operation "clamp" [at a, at b, at c]
      Compare op a b -> operation (comparisonName op) [at a, at b]
      Connect op a b -> operation (connectiveName op) [at a, at b]
      Not a -> operation "not" [at a]
      If c a b -> operation "if" [at c, at a, at b]
    operation :: String -> [Int] -> Value
    operation op operands =
      object (("op" .= op) : zipWith (.=) ["a", "b", "c"] operands)
    at :: Ref k -> Int
    at (NumRef i) = i
    at (BoolRef i) = i
