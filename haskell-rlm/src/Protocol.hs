{-# LANGUAGE OverloadedStrings #-}

-- | Requests and answers: one JSON object per line. See @protocol/README.md@.
module Protocol
  ( Server
  , newServer
  , answer
  , isFarewell
  , lineLimit
  , protocolVersion
  ) where

import qualified Crypto.Hash.SHA256 as SHA256
import Data.Aeson (Value (..), encode, object, (.=))
import Data.Aeson.Key (Key)
import qualified Data.Aeson.Key as Key
import qualified Data.Aeson.KeyMap as KeyMap
import Data.Aeson.Types (Pair)
import qualified Data.ByteString as B
import Data.ByteString.Builder (toLazyByteString)
import qualified Data.ByteString.Char8 as C
import qualified Data.ByteString.Lazy as L
import Data.Foldable (toList)
import qualified Data.Map.Strict as Map
import Data.Scientific (base10Exponent, coefficient)
import qualified Data.Set as Set
import qualified Data.Text as T
import Data.Text.Encoding (decodeLatin1, encodeUtf8)
import Game.Transition
import Strategy.Bits
import Strategy.Canonical
import Strategy.Check (Fault (..))
import Strategy.Eval (evaluate)
import Strategy.Expr (Program (..), held, numberLimit)
import Strategy.Interval
import Strategy.Wire

-- | Programs that were loaded, by the number that they were given, with the features of their rows.
data Server = Server
  { loaded :: Map.Map Integer (Program, [String])
  , answered :: !Int
  }

newServer :: Server
newServer = Server Map.empty 0

protocolVersion :: Int
protocolVersion = 1

-- | Longest line that is read, in bytes.
lineLimit :: Int
lineLimit = 4 * 1024 * 1024

-- | Programs that are kept at once; the oldest makes room.
programLimit :: Int
programLimit = 256

-- | Whether a line asks the server to end.
isFarewell :: B.ByteString -> Bool
isFarewell line = case readJson line of
  Right (Object request) -> KeyMap.lookup "op" request == Just (String "bye")
  _ -> False

-- | The answer to a line, without its end, and the server afterwards.
answer :: B.ByteString -> Server -> (L.ByteString, Server)
answer line server = case readJson line of
  Right (Object request) -> case whole =<< KeyMap.lookup "id" request of
    Just number ->
      let (found, after) = respond request server {answered = answered server + 1}
       in (encode (object (("id" .= number) : outcome found)), after)
    Nothing -> (refusal "bad_request", server)
  Right _ -> (refusal "bad_request", server)
  Left _ -> (refusal "not_json", server)
  where
    outcome (Right pairs) = ("ok" .= True) : pairs
    outcome (Left (Fault code node)) = ["ok" .= False, "code" .= code, "node" .= node]
    refusal code = encode (object ["id" .= Null, "ok" .= False, "code" .= (code :: String)])

type Request = KeyMap.KeyMap Value

respond :: Request -> Server -> (Either Fault [Pair], Server)
respond request server = case KeyMap.lookup "op" request of
  Just (String "hello") -> (Right hello, server)
  Just (String "check") -> (checked request, server)
  Just (String "load") -> load request server
  Just (String "eval") -> (evaluated request server, server)
  Just (String "evolve") -> (evolved request, server)
  Just (String "stats") -> (Right stats, server)
  Just (String "bye") -> (Right [], server)
  _ -> (Left (bad "unknown_request"), server)
  where
    hello =
      [ "protocol" .= protocolVersion
      , "language" .= (1 :: Int)
      , "name" .= ("haskell-rlm" :: String)
      , "version" .= ("0.1.0" :: String)
      ]
    stats = ["answered" .= answered server, "loaded" .= Map.size (loaded server)]

bad :: String -> Fault
bad code = Fault code Nothing

need :: Maybe a -> Either Fault a
need = maybe (Left (bad "bad_request")) Right

field :: Key -> Request -> Either Fault Value
field key request = need (KeyMap.lookup key request)

whole :: Value -> Maybe Integer
whole (Number n) | base10Exponent n == 0 = Just (coefficient n)
whole _ = Nothing

texts :: Value -> Either Fault [String]
texts (Array found) = traverse text (toList found)
  where
    text (String s) = Right (T.unpack s)
    text _ = Left (bad "bad_request")
texts _ = Left (bad "bad_request")

double :: Value -> Either Fault Double
double (String s) = need (fromHex (T.unpack s))
double _ = Left (bad "bad_request")

-- | The program of a request, and the features that it may read, in the order of its rows.
programOf :: Request -> Either Fault (Program, [String])
programOf request = do
  features <- field "features" request >>= texts >>= ascending
  document <- field "program" request
  program <- programFrom (Set.fromList features) document
  Right (program, features)

-- | Names in ascending order, none twice: rows are turned into maps without sorting.
ascending :: [String] -> Either Fault [String]
ascending names
  | and (zipWith (<) names (drop 1 names)) = Right names
  | otherwise = Left (bad "bad_features")

checked :: Request -> Either Fault [Pair]
checked request = do
  (program, _) <- programOf request
  ranges <- maybe (Right Map.empty) rangesFrom (KeyMap.lookup "ranges" request)
  let text = canonicalText program
      Interval low high = outputInterval ranges program
  Right
    [ "canonical" .= text
    , "hash" .= hexOf (SHA256.hash (C.pack text))
    , "nodes" .= length (programNodes program)
    , "features" .= canonicalFeatures program
    , "constant" .= fmap toHex (constantValue program)
    , "low" .= toHex low
    , "high" .= toHex high
    ]
  where
    hexOf = concatMap byte . B.unpack
    byte w = drop 14 (toHexWord (fromIntegral w))
    toHexWord :: Int -> String
    toHexWord w = replicate 14 '0' ++ [digits !! (w `div` 16), digits !! (w `mod` 16)]
    digits = "0123456789abcdef"

rangesFrom :: Value -> Either Fault (Map.Map String Interval)
rangesFrom (Object found) = Map.fromList <$> traverse range (KeyMap.toList found)
  where
    range (key, Array ends) | [a, b] <- toList ends = do
      low <- double a
      high <- double b
      if low <= high && abs low <= numberLimit && abs high <= numberLimit
        then Right (Key.toString key, Interval (held low) (held high))
        else Left (bad "bad_range")
    range _ = Left (bad "bad_range")
rangesFrom _ = Left (bad "bad_range")

load :: Request -> Server -> (Either Fault [Pair], Server)
load request server = case (,) <$> programOf request <*> (field "as" request >>= need . whole) of
  Left fault -> (Left fault, server)
  Right (found, number) ->
    let kept = if Map.size (loaded server) < programLimit then loaded server else Map.empty
     in (Right [], server {loaded = Map.insert number found kept})

evaluated :: Request -> Server -> Either Fault [Pair]
evaluated request server = do
  number <- field "program" request >>= need . whole
  (program, names) <- maybe (Left (bad "not_loaded")) Right (Map.lookup number (loaded server))
  rows <- field "rows" request
  bytes <- case rows of
    String s -> Right (encodeUtf8 s)
    _ -> Left (bad "bad_request")
  let width = 16 * length names
      n = if width == 0 then 0 else B.length bytes `div` width
  if width == 0 || n * width /= B.length bytes
    then Left (bad "bad_rows")
    else do
      results <- traverse (row program (zip names [0 ..]) bytes . (width *)) [0 .. n - 1]
      Right ["values" .= decodeLatin1 (L.toStrict (toLazyByteString (mconcat results)))]
  where
    row program places bytes start = do
      cells <- traverse (cell bytes start) places
      Right (hexDigits (evaluate program (Map.fromDistinctAscList cells)))
    cell bytes start (name, i) = case doubleAt bytes (start + 16 * i) of
      Just x -> Right (name, held x)
      Nothing -> Left (bad "bad_rows")

evolved :: Request -> Either Fault [Pair]
evolved request = do
  motion <-
    Motion
      <$> get "value"
      <*> get "exogenous"
      <*> get "base_trend"
      <*> get "noise"
      <*> get "disturbance"
      <*> (field "effects" request >>= pairs)
  let (nextValue, nextExogenous) = evolve motion
  Right ["value" .= toHex nextValue, "exogenous" .= toHex nextExogenous]
  where
    get key = field key request >>= double
    pairs (Array found) = traverse pair (toList found)
    pairs _ = Left (bad "bad_request")
    pair (Array ends) | [a, b] <- toList ends = (,) <$> double a <*> double b
    pair _ = Left (bad "bad_request")
