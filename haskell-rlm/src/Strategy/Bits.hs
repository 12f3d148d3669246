{-# LANGUAGE Safe #-}

-- | Doubles as 16 hexadecimal digits: what JSON would round, or write in two ways, stays as it is.
module Strategy.Bits
  ( toHex
  , fromHex
  , hexDigits
  , doubleAt
  ) where

import Data.Bits (shiftL, (.|.))
import qualified Data.ByteString as B
import Data.ByteString.Builder (Builder, toLazyByteString, word64HexFixed)
import qualified Data.ByteString.Char8 as C
import qualified Data.ByteString.Lazy.Char8 as L
import Data.Word (Word64, Word8)
import GHC.Float (castDoubleToWord64, castWord64ToDouble)

toHex :: Double -> String
toHex = L.unpack . toLazyByteString . hexDigits

-- | The digits of a number, most significant first.
hexDigits :: Double -> Builder
hexDigits = word64HexFixed . castDoubleToWord64

fromHex :: String -> Maybe Double
fromHex text
  | B.length bytes == 16 && C.unpack bytes == text = doubleAt bytes 0
  | otherwise = Nothing
  where
    bytes = C.pack text

-- | The number whose digits begin at a place; Nothing where they are no digits.
doubleAt :: B.ByteString -> Int -> Maybe Double
doubleAt bytes start = castWord64ToDouble <$> B.foldl' add (Just 0) (B.take 16 (B.drop start bytes))
  where
    add :: Maybe Word64 -> Word8 -> Maybe Word64
    add total c = case (total, digit c) of
      (Just t, Just v) -> Just ((t `shiftL` 4) .|. v)
      _ -> Nothing

digit :: Word8 -> Maybe Word64
digit c
  | c >= 48 && c <= 57 = Just (fromIntegral c - 48)
  | c >= 97 && c <= 102 = Just (fromIntegral c - 87)
  | otherwise = Nothing
