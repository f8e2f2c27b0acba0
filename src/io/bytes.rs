//! Numbers and texts as bytes: little-endian, whole numbers of unknown size in groups of seven bits, lowest first, with the
//! high bit set on all but the last (LEB128).

/// Appends a whole number.
pub(in crate::io) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a text with its length.
pub(in crate::io) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend(text.as_bytes());
}

/// Bytes that are still to be read. Errors are the end of a sentence about them.
pub(in crate::io) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next `count` bytes.
    pub(in crate::io) fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("it ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or("it ends too early")?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(in crate::io) fn u8(&mut self) -> Result<u8, String> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(in crate::io) fn u32(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_le_bytes)
    }

    pub(in crate::io) fn u64(&mut self) -> Result<u64, String> {
        self.array().map(u64::from_le_bytes)
    }

    pub(in crate::io) fn f64(&mut self) -> Result<f64, String> {
        self.array().map(f64::from_le_bytes)
    }

    pub(in crate::io) fn f32(&mut self) -> Result<f32, String> {
        self.array().map(f32::from_le_bytes)
    }

    /// A whole number.
    pub(in crate::io) fn number(&mut self) -> Result<u64, String> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let part = u64::from(byte & 0x7f);
            if (part << shift) >> shift != part {
                break;
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number has too many digits".into())
    }

    /// A whole number that fits its type.
    pub(in crate::io) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, String> {
        let number = self.number()?;
        T::try_from(number).map_err(|_| format!("{number} is too large"))
    }

    /// How many of something follow, each of at least one byte.
    pub(in crate::io) fn count(&mut self) -> Result<usize, String> {
        let count = self.small::<usize>()?;
        if count > self.0.len() { Err(format!("{count} entries do not fit")) } else { Ok(count) }
    }

    pub(in crate::io) fn text(&mut self) -> Result<String, String> {
        let length = self.small::<usize>()?;
        let bytes = self.take(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| "a name is not UTF-8".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_comes_back(number: u64, small in 0_u64..300) {
            for number in [number, small] {
                let mut out = Vec::new();
                put_number(&mut out, number);
                prop_assert_eq!(Bytes(&out).number(), Ok(number));
                prop_assert!(Bytes(&out[..out.len() - 1]).number().is_err());
            }
        }
    }

    #[test]
    fn a_number_of_too_many_bits_is_refused() {
        assert!(Bytes(&[0xff; 12]).number().is_err());
        let mut most = vec![0xff; 9];
        most.push(2);
        assert!(Bytes(&most).number().is_err());
    }
}
