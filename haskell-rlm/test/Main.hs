{-# LANGUAGE OverloadedStrings #-}

-- | Properties of the language, with QuickCheck.
module Main (main) where

import Control.Monad (unless)
import Data.Aeson (Value (..), decode, encode)
import qualified Data.Aeson.KeyMap as KeyMap
import qualified Data.ByteString.Char8 as C
import qualified Data.ByteString.Lazy as L
import qualified Data.Map.Strict as Map
import qualified Data.Set as Set
import Game.Transition
import Generate
import Protocol
import Strategy.Bits
import Strategy.Canonical
import Strategy.Eval
import Strategy.Expr hiding (Kind (..))
import Strategy.Interval
import Strategy.Wire
import System.Exit (exitFailure)
import Test.QuickCheck

main :: IO ()
main = do
  results <- mapM run properties
  transcript <- C.readFile "protocol/golden.jsonl"
  let wrong = unlike newServer (C.lines transcript)
  putStrLn ("answers of the golden transcript: " ++ maybe "as recorded" show wrong)
  unless (all isSuccess results && wrong == Nothing) exitFailure
  where
    run (name, property') = do
      putStr (name ++ ": ")
      quickCheckWithResult stdArgs {maxSuccess = 2000} property'

-- | The first request that is answered otherwise than in the transcript.
unlike :: Server -> [C.ByteString] -> Maybe C.ByteString
unlike _ [] = Nothing
unlike server (line : rest) = case readJson line of
  Right (Object entry)
    | Just request <- KeyMap.lookup "request" entry
    , Just wanted <- KeyMap.lookup "answer" entry ->
        let (reply, after) = answer (L.toStrict (encode request)) server
         in if decode reply == Just wanted then unlike after rest else Just line
  _ -> Just line

properties :: [(String, Property)]
properties =
  [ ("results are finite, within the limit, and never -0", forAll genProgram (forAll genRow . bounded))
  , ("results lie within the interval", forAll genProgram (forAll genRanges . sound))
  , ("a program comes back from its JSON", forAll genProgram comesBack)
  , ("a constant program computes its constant", forAll genProgram (forAll genRow . constant))
  , ("a feature that the canonical form lacks does not matter", forAll genProgram (forAll genRow . irrelevant))
  , ("the canonical form is that of the program from its JSON", forAll genProgram stable)
  , ("bits survive hexadecimal digits", property bitsSurvive)
  , ("evolve adds from left to right", property leftToRight)
  , ("any line is answered by one line", forAll (listOf (choose ('\0', '\255'))) answersAnything)
  , ("a key that is there twice is refused", once duplicates)
  , ("a range that is reversed is refused", once reversedRange)
  ]

bounded :: Program -> Map.Map String Double -> Bool
bounded program row = abs x <= numberLimit && not (isNegativeZero x)
  where
    x = evaluate program row

sound :: Program -> (Map.Map String Interval, Map.Map String Double) -> Property
sound program (ranges, row) = counterexample (show (interval, x)) (contains interval x)
  where
    interval = outputInterval ranges program
    x = evaluate program row

comesBack :: Program -> Property
comesBack program = case programFrom (Set.fromList features) (toWire program) of
  Right found -> show found === show program
  Left fault -> counterexample (show fault) False

constant :: Program -> Map.Map String Double -> Property
constant program row = case constantValue program of
  Just x -> label "constant" (toHex (evaluate program row) === toHex x)
  Nothing -> property True

irrelevant :: Program -> Map.Map String Double -> Property
irrelevant program row = toHex (evaluate program row) === toHex (evaluate program changed)
  where
    changed = Map.mapWithKey (\name x -> if name `elem` canonicalFeatures program then x else held (x + 1)) row

stable :: Program -> Property
stable program = case programFrom (Set.fromList features) (toWire program) of
  Right found -> canonicalText found === canonicalText program
  Left fault -> counterexample (show fault) False

bitsSurvive :: Double -> Property
bitsSurvive x = fmap toHex (fromHex (toHex x)) === Just (toHex x)

leftToRight :: Double -> Double -> Double -> Double -> Double -> [(Double, Double)] -> Property
leftToRight v x b e d pairs =
  toHex (fst (evolve (Motion v x b e d pairs))) === toHex (foldl (+) (fst (evolve (Motion v x b e d []))) [c * m | (c, m) <- pairs])

answersAnything :: String -> Bool
answersAnything text = C.count '\n' (L.toStrict (fst (answer (C.pack text) newServer))) == 0

duplicates :: Property
duplicates = property (C.isInfixOf "not_json" (L.toStrict reply))
  where
    reply = fst (answer "{\"id\":1,\"id\":2,\"op\":\"hello\"}" newServer)

reversedRange :: Property
reversedRange = property (C.isInfixOf "bad_range" (L.toStrict reply))
  where
    reply = fst (answer request newServer)
    request =
      L.toStrict
        ( L.concat
            [ "{\"id\":1,\"op\":\"check\",\"features\":[\"x\"],\"ranges\":{\"x\":["
            , encode (toHex 1)
            , ","
            , encode (toHex (-1))
            , "]},\"program\":{\"language\":1,\"prog\":[{\"op\":\"feat\",\"name\":\"x\"}]}}"
            ]
        )
