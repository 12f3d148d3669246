{-# LANGUAGE Safe #-}

-- | The law of motion of a simulated series, after
-- @v' = v + b + 0.4 x + e + d + sum (c_k m_k)@ and @x' = 0.6 x + 0.2 d@.
module Game.Transition
  ( Motion (..)
  , evolve
  ) where

import Data.Foldable (foldl')

-- | What moves a series in one period.
data Motion = Motion
  { value :: !Double
  , exogenous :: !Double
  , baseTrend :: !Double
  , noise :: !Double
  , disturbance :: !Double
  , effects :: [(Double, Double)]
  -- ^ Coefficient and value per context column, in the order in which they are added.
  }

-- | Value and exogenous pressure one period later. Sums run from left to right.
evolve :: Motion -> (Double, Double)
evolve m = (foldl' add moved (effects m), 0.6 * exogenous m + 0.2 * disturbance m)
  where
    moved = value m + baseTrend m + 0.4 * exogenous m + noise m + disturbance m
    add total (coefficient, column) = total + coefficient * column
