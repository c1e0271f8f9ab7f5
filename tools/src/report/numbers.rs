//! Numbers as a reader wants them: few digits, grouped, a dash where there is none.

use std::time::Duration;

/// Stands where there is no number.
pub const NONE: &str = "–";

/// A narrow space that does not break: between groups of digits, before a unit.
const THIN: char = '\u{202F}';

/// With so many decimals.
pub fn decimal(value: f64, decimals: usize) -> String {
    if value.is_finite() { format!("{value:.decimals$}") } else { NONE.into() }
}

/// Part of one, in percent.
pub fn percent(part: f64) -> String {
    let value = part * 100.0;
    if value.is_finite() { format!("{value:.1}{THIN}%") } else { NONE.into() }
}

/// A count, its digits in groups of three.
pub fn grouped(count: u128) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// A count for each of so many: whole from 100 on, with decimals below.
pub fn per(count: u128, each: u64) -> String {
    match each {
        0 => NONE.into(),
        _ => {
            let each = u128::from(each);
            let rounded = count.saturating_add(each / 2) / each;
            // Past 2^53 a float rounds, but counts that large are whole here.
            if rounded >= 100 { grouped(rounded) } else { decimal(count as f64 / each as f64, 2) }
        }
    }
}

/// A stretch of time.
pub fn duration(seconds: f64) -> String {
    match Duration::try_from_secs_f64(seconds) {
        Err(_) => NONE.into(),
        Ok(time) if time.as_secs() < 120 => format!("{seconds:.1}{THIN}s"),
        Ok(time) => {
            let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
            format!("{}{THIN}min {seconds}{THIN}s", grouped(u128::from(minutes)))
        }
    }
}

/// The middle of the finite values; `None` where there are none.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(lower / 2.0 + upper / 2.0)
}

/// At most so many characters.
pub fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567).replace(THIN, " "), "1 234 567");
    }

    #[test]
    fn shares_have_decimals_only_below_a_hundred() {
        assert_eq!(per(5, 2), "2.50");
        assert_eq!(per(2_469, 2).replace(THIN, " "), "1 235");
        assert_eq!(per(5, 0), NONE);
        assert_eq!(per(u128::MAX, 1).chars().filter(char::is_ascii_digit).count(), 39);
    }

    #[test]
    fn what_is_no_number_is_a_dash() {
        assert_eq!(percent(f64::NAN), NONE);
        assert_eq!(decimal(f64::INFINITY, 2), NONE);
        assert_eq!(duration(-1.0), NONE);
        assert_eq!(percent(0.5).replace(THIN, " "), "50.0 %");
        assert_eq!(duration(3723.4).replace(THIN, " "), "62 min 3 s");
        assert_eq!(duration(12.34).replace(THIN, " "), "12.3 s");
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, f64::NAN, 1.0]), Some(2.0));
        assert_eq!(median(&[5.0, 1.0, 9.0]), Some(5.0));
        assert_eq!(median(&[f64::NAN]), None);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(short("hidden", 6), "hidden");
        assert_eq!(short("αβγδ", 3), "αβ…");
    }
}
