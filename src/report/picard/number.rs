//! Numbers as Picard prints them: htsjdk's `FormatUtil`, which is Java's `DecimalFormat` with up to six decimals, rounding
//! half down.

/// A number with up to six decimals and no zeros behind the last; `?` for what is no number or infinite.
pub fn decimal(value: f64) -> String {
    if value.is_nan() || value.is_infinite() {
        return if value == f64::NEG_INFINITY { "-?".to_owned() } else { "?".to_owned() };
    }
    let mut text = format!("{:.6}", rounded_down_at_ties(value));
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

/// The value, or the one just nearer to 0 when it lies exactly between two numbers of six decimals. Such binary fractions
/// are the odd multiples of 1/128: their seventh decimal is a 5 and the last.
fn rounded_down_at_ties(value: f64) -> f64 {
    let scaled = value.abs() * 128.0;
    let tie = scaled < 2_f64.powi(53) && scaled.fract() == 0.0 && scaled as u64 % 2 == 1;
    if !tie {
        value
    } else if value < 0.0 {
        value.next_up()
    } else {
        value.next_down()
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn zeros_behind_the_last_decimal_are_dropped() {
        let texts = [0.0, 1.0, 120.0, 0.5, 98.182_692_3, 1.0 / 3.0, 2.0 / 3.0, 1e-7].map(decimal);
        assert_eq!(texts, ["0", "1", "120", "0.5", "98.182692", "0.333333", "0.666667", "0"]);
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(decimal), ["?", "?", "-?"]);
    }

    #[test]
    fn ties_go_down() {
        // 1/128 = 0.0078125, 3/128 = 0.0234375.
        let texts = [1.0 / 128.0, 3.0 / 128.0, -3.0 / 128.0, 5.0 + 1.0 / 128.0].map(decimal);
        assert_eq!(texts, ["0.007812", "0.023437", "-0.023437", "5.007812"]);
        assert_eq!(decimal(0.000_000_6), "0.000001");
    }
}
