//! What a client has to know to get a shared board.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq as _;

/// The fewest characters of a token: what is shorter can be guessed.
const MIN: usize = 16;
/// The most.
pub(super) const MAX: usize = 128;
/// Random bytes of a token that is made.
const RANDOM: usize = 16;

/// A secret of 16 to 128 printable ASCII characters. What is printed of it for debugging is not the secret.
#[derive(Clone)]
pub struct Token(String);

/// What is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too short, or too long for a greeting.
    #[error("the token has {seen} characters: wanted {MIN} to {MAX}")]
    Length {
        /// Its characters.
        seen: usize,
    },
    /// A character that is none of a token's.
    #[error("the token has a space or a character that is not printable ASCII at place {at}, from 1")]
    Character {
        /// Where.
        at: usize,
    },
    /// The system has no random numbers.
    #[error("no token can be made: the system has no random numbers: {0}")]
    Random(String),
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        if let Some(at) = text.chars().position(|letter| !letter.is_ascii_graphic()) {
            return Err(TokenError::Character { at: at + 1 });
        }
        if !(MIN..=MAX).contains(&text.len()) {
            return Err(TokenError::Length { seen: text.len() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl Token {
    /// A new one from the system's random numbers, 128 bits in hexadecimal.
    pub fn random() -> Result<Self, TokenError> {
        let mut bytes = [0; RANDOM];
        getrandom::fill(&mut bytes).map_err(|error| TokenError::Random(error.to_string()))?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// The secret itself, for whom it is meant.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Whether `guess` is it, in a time that depends on nothing but both lengths.
    pub(super) fn is(&self, guess: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(guess).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Token of {} characters", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_enough_and_printable() {
        let of = |text: &str| text.parse::<Token>();
        assert_eq!(of("0123456789abcde").unwrap_err(), TokenError::Length { seen: 15 });
        assert!(of("0123456789abcdef").is_ok() && of(&"x".repeat(MAX)).is_ok());
        assert_eq!(of(&"x".repeat(MAX + 1)).unwrap_err(), TokenError::Length { seen: MAX + 1 });
        assert_eq!(of("0123456789 abcdefg").unwrap_err(), TokenError::Character { at: 11 });
        assert_eq!(of("0123456789abcdeé").unwrap_err(), TokenError::Character { at: 16 });
    }

    #[test]
    fn only_the_whole_token_is_it() {
        let token: Token = "0123456789abcdef".parse().unwrap();
        assert!(token.is(b"0123456789abcdef"));
        for guess in ["", "0123456789abcde", "0123456789abcdeg", "0123456789abcdef0"] {
            assert!(!token.is(guess.as_bytes()), "{guess}");
        }
        assert_eq!(format!("{token:?}"), "Token of 16 characters");
    }

    #[test]
    fn made_tokens_differ_and_are_tokens() {
        let (a, b) = (Token::random().unwrap(), Token::random().unwrap());
        assert_ne!(a.secret(), b.secret());
        assert_eq!(a.secret().len(), 2 * RANDOM);
        assert!(a.secret().parse::<Token>().is_ok());
    }
}
