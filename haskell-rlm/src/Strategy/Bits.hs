{-# LANGUAGE Trustworthy #-}

-- | Doubles as 16 hexadecimal digits: what JSON would round, or write in two ways, stays as it is.
module Strategy.Bits
  ( toHex
  , fromHex
  ) where

import Data.Char (intToDigit, isDigit, ord)
import Data.Word (Word64)
import GHC.Float (castDoubleToWord64, castWord64ToDouble)

toHex :: Double -> String
toHex x = [intToDigit (fromIntegral (digit i)) | i <- [15, 14 .. 0 :: Int]]
  where
    bits = castDoubleToWord64 x
    digit i = (bits `div` (16 ^ i)) `mod` 16

fromHex :: String -> Maybe Double
fromHex text
  | length text == 16 = castWord64ToDouble <$> number
  | otherwise = Nothing
  where
    number = foldl add (Just 0) text
    add :: Maybe Word64 -> Char -> Maybe Word64
    add total c = (\t v -> t * 16 + v) <$> total <*> value c
    value c
      | isDigit c = Just (fromIntegral (ord c - ord '0'))
      | c >= 'a' && c <= 'f' = Just (fromIntegral (ord c - ord 'a' + 10))
      | otherwise = Nothing
