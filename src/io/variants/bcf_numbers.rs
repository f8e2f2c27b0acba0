//! Numbers of BCF records as text, and single-precision numbers as that text reads.

use std::io::Write;

/// Bits of a missing value.
pub(super) const FLOAT_MISSING: u32 = 0x7f80_0001;
/// Bits behind the last value of a vector.
pub(super) const FLOAT_END: u32 = 0x7f80_0002;

/// Writes a whole number.
pub(super) fn write_integer(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Decimal places that are tried: more than frequencies and qualities mostly have.
const MOST_PLACES: usize = 6;

/// A number of at most [`MOST_PLACES`] decimal places in its shortest form.
struct Decimal {
    /// All digits as one whole number, below 2^53.
    digits: f64,
    /// Ten to the power of `places`.
    scale: f64,
    places: usize,
}

/// The size of a number in its shortest form, if that has few places. Such numbers are nearly all, and trying is several times faster
/// than finding the shortest form of any number.
fn decimal(value: f32) -> Option<Decimal> {
    let exact = f64::from(value.abs());
    if !(1e-5..1e6).contains(&exact) {
        return None;
    }
    let mut scale = 1.0;
    for places in 0..=MOST_PLACES {
        // Both are whole numbers below 2^53, so that one division rounds once.
        let digits = (exact * scale).round();
        if ((digits / scale) as f32).to_bits() == value.abs().to_bits() {
            return Some(Decimal { digits, scale, places });
        }
        scale *= 10.0;
    }
    None
}

/// Writes a number of few decimal places; false, with nothing written, for others.
fn write_decimal(value: f32, out: &mut Vec<u8>) -> bool {
    let Some(Decimal { digits, scale, places }) = decimal(value) else { return false };
    if value < 0.0 {
        out.push(b'-');
    }
    let (digits, scale) = (digits as i64, scale as i64);
    write_integer(digits / scale, out);
    if places > 0 {
        out.push(b'.');
        let start = out.len();
        out.resize(start + places, b'0');
        let mut rest = digits % scale;
        for place in out[start..].iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }
    true
}

/// What reading the text of a number as a double gives, found without the text; `None` where the text must be read. A
/// single-precision 0.01 is 0.01 then, and not the next number below.
pub(super) fn read_back(bits: u32) -> Option<f64> {
    if bits == 0 {
        return Some(0.0);
    }
    let value = f32::from_bits(bits);
    decimal(value).filter(|_| value > 0.0).map(|decimal| decimal.digits / decimal.scale)
}

/// The shortest text that reads back as the same single-precision number.
pub(super) fn write_float(bits: u32, out: &mut Vec<u8>) {
    let value = f32::from_bits(bits);
    if write_decimal(value, out) {
        return;
    }
    if bits == FLOAT_MISSING {
        out.push(b'.');
    } else if value != 0.0 && !(1e-5..1e15).contains(&value.abs()) {
        // Writing to memory does not fail.
        let _ = write!(out, "{value:e}");
    } else {
        let _ = write!(out, "{value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_way_writes_what_the_general_one_does() {
        let check = |value: f32| {
            let mut out = Vec::new();
            if write_decimal(value, &mut out) {
                assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
                let read = value.to_string().parse::<f64>().unwrap();
                assert_eq!(read_back(value.to_bits()), (value > 0.0).then_some(read));
                return true;
            }
            false
        };
        let mut state = 1_u64;
        let mut fast = 0;
        for i in 0..200_000_u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let drawn = (state >> 33) as u32;
            // Numbers as files have them, of up to eight places, and any others.
            let places = 10_f64.powi((i % 9) as i32);
            let value = (f64::from(drawn % 2_000_000) / places) as f32;
            fast += u32::from(check(if i % 7 == 0 { -value } else { value }));
            check(f32::from_bits(drawn.wrapping_mul(2)));
        }
        assert!(fast > 100_000, "{fast}");
        for odd in [0.0, -0.0, f32::NAN, f32::INFINITY, 9.99e-6, 1e6, f32::MIN_POSITIVE] {
            assert!(!check(odd), "{odd}");
        }
        for odd in [-0.0_f32, -0.5, f32::NAN, f32::from_bits(FLOAT_MISSING), 3e-6] {
            assert_eq!(read_back(odd.to_bits()), None, "{odd}");
        }
        assert_eq!((read_back(0), read_back(0.01_f32.to_bits())), (Some(0.0), Some(0.01)));
        assert!(check(2e-5) && check(999_999.0) && check(0.5));
    }

    #[test]
    fn numbers_are_written_as_short_as_they_read_back() {
        let text = |bits| {
            let mut out = Vec::new();
            write_float(bits, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(0.333_f32.to_bits()), "0.333");
        assert_eq!(text(1.5e-7_f32.to_bits()), "1.5e-7");
        assert_eq!(text(FLOAT_MISSING), ".");
    }
}
