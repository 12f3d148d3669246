-- | Answers JSON lines on standard input until it ends, or until it is told @bye@.
module Main (main) where

import qualified Data.ByteString as B
import qualified Data.ByteString.Lazy as L
import Protocol
import System.Exit (ExitCode (..), exitWith)
import System.IO

main :: IO ()
main = do
  hSetBinaryMode stdin True
  hSetBinaryMode stdout True
  hSetBuffering stdout (BlockBuffering Nothing)
  loop newServer B.empty

-- | Reads a line, answers it, and goes on. A line over the limit ends the program: what follows
-- could not be told apart from it.
loop :: Server -> B.ByteString -> IO ()
loop server start = do
  found <- readLine [start]
  case found of
    Nothing -> pure ()
    Just (line, rest)
      | B.length line > lineLimit -> do
          hPutStrLn stderr "rlm: a line over the limit"
          exitWith (ExitFailure 3)
      | otherwise -> do
          let (reply, after) = answer line server
          L.hPut stdout reply
          B.hPut stdout (B.singleton 10)
          hFlush stdout
          if isFarewell line then pure () else loop after rest

-- | A line and what was read beyond it; Nothing at the end. Parts come newest first.
readLine :: [B.ByteString] -> IO (Maybe (B.ByteString, B.ByteString))
readLine parts = case parts of
  newest : older
    | Just i <- B.elemIndex 10 newest ->
        let (line, rest) = B.splitAt i newest
         in pure (Just (B.concat (reverse (line : older)), B.drop 1 rest))
  _
    | sum (map B.length parts) > lineLimit -> pure (Just (B.concat (reverse parts), B.empty))
    | otherwise -> do
        more <- B.hGetSome stdin 65536
        if B.null more then pure Nothing else readLine (more : parts)
