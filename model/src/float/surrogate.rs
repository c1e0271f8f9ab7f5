//! The surrogate φ that stands in for the derivative of a spike.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Scalar;

/// φ(x) with x = u − θ: what `ds/du` is taken to be, a spike being a step whose derivative is 0 or infinite.
///
/// As text, in files and on command lines: `exponential`, `shift`, `rectangle`, `triangle`, or with a width
/// `rectangle:0.5`, `triangle:2`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Surrogate {
    /// `exp(−|x|)`, the paper's.
    Exponential,
    /// `2^−⌊|x|⌋`, and 0 for |x| ≥ 8: the hardware's, a shift in the place of a multiplication.
    Shift,
    /// 1 for `|x| < width / 2`, else 0.
    Rectangle {
        /// Width of the open interval, in units of the membrane; positive.
        width: f64,
    },
    /// `max(0, 1 − |x| / width)`.
    Triangle {
        /// Distance from the threshold at which φ reaches 0; positive.
        width: f64,
    },
}

/// Text that names no surrogate.
#[derive(Debug, Clone, PartialEq, Error)]
#[error(
    "no surrogate is called `{0}`: name exponential, shift, rectangle or triangle, \
     the last two also with a positive width as in rectangle:0.5"
)]
pub struct UnknownSurrogate(pub String);

impl Surrogate {
    /// [`Surrogate::Rectangle`] of width 1: open for |x| < 1/2.
    pub const RECTANGLE: Self = Self::Rectangle { width: 1.0 };
    /// [`Surrogate::Triangle`] of width 1: `max(0, 1 − |x|)`.
    pub const TRIANGLE: Self = Self::Triangle { width: 1.0 };

    /// φ(`x`).
    pub fn at<F: Scalar>(self, x: F) -> F {
        let distance = x.abs();
        match self {
            Self::Exponential => (-distance).exp(),
            Self::Shift if distance < F::of(8.0) => F::of(0.5).powi(distance.to_i32().unwrap_or(8)),
            Self::Shift => F::zero(),
            Self::Rectangle { width } if distance < F::of(width / 2.0) => F::one(),
            Self::Rectangle { .. } => F::zero(),
            Self::Triangle { width } => (F::one() - distance / F::of(width)).max(F::zero()),
        }
    }
}

impl fmt::Display for Surrogate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exponential => f.write_str("exponential"),
            Self::Shift => f.write_str("shift"),
            Self::RECTANGLE => f.write_str("rectangle"),
            Self::TRIANGLE => f.write_str("triangle"),
            Self::Rectangle { width } => write!(f, "rectangle:{width}"),
            Self::Triangle { width } => write!(f, "triangle:{width}"),
        }
    }
}

impl FromStr for Surrogate {
    type Err = UnknownSurrogate;

    fn from_str(text: &str) -> Result<Self, UnknownSurrogate> {
        let unknown = || UnknownSurrogate(text.chars().take(40).collect());
        let (name, width) = match text.split_once(':') {
            None => (text, None),
            Some((name, width)) => {
                let width: f64 = width.parse().map_err(|_| unknown())?;
                (name, Some(width).filter(|width| width.is_finite() && *width > 0.0))
            }
        };
        match (name, width) {
            ("exponential", None) if name == text => Ok(Self::Exponential),
            ("shift", None) if name == text => Ok(Self::Shift),
            ("rectangle", None) if name == text => Ok(Self::RECTANGLE),
            ("triangle", None) if name == text => Ok(Self::TRIANGLE),
            ("rectangle", Some(width)) => Ok(Self::Rectangle { width }),
            ("triangle", Some(width)) => Ok(Self::Triangle { width }),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for Surrogate {
    type Error = UnknownSurrogate;

    fn try_from(text: String) -> Result<Self, UnknownSurrogate> {
        text.parse()
    }
}

impl From<Surrogate> for String {
    fn from(surrogate: Surrogate) -> String {
        surrogate.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_shape() {
        let at = |surrogate: Surrogate, x: f64| surrogate.at(x);
        assert_eq!(at(Surrogate::Exponential, -1.0), (-1f64).exp());
        let shift: Vec<f64> =
            [0.0, 0.99, -1.0, 7.9, 8.0, f64::INFINITY].map(|x| at(Surrogate::Shift, x)).to_vec();
        assert_eq!(shift, [1.0, 1.0, 0.5, 0.0078125, 0.0, 0.0]);
        assert_eq!([0.0, -0.49, 0.5].map(|x| at(Surrogate::RECTANGLE, x)), [1.0, 1.0, 0.0]);
        assert_eq!([0.0, -0.25, 1.5].map(|x| at(Surrogate::TRIANGLE, x)), [1.0, 0.75, 0.0]);
        assert_eq!(at(Surrogate::Triangle { width: 2.0 }, 1.0), 0.5);
    }

    #[test]
    fn names_round_trip_and_others_are_refused() {
        for text in ["exponential", "shift", "rectangle", "triangle", "rectangle:0.5", "triangle:2"] {
            assert_eq!(text.parse::<Surrogate>().unwrap().to_string(), text);
        }
        for text in ["", "sigmoid", "shift:1", "rectangle:", "rectangle:-1", "rectangle:0", "triangle:nan"] {
            assert!(text.parse::<Surrogate>().is_err(), "{text}");
        }
    }
}
