//! Integers in CRAM's own lengths (CRAM format specification v3.1, section 2.3).

/// Numbers as CRAM writes them; `None` past the end.
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl Cursor<'_> {
    /// A byte.
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Four bytes, little-endian.
    pub(super) fn word(&mut self) -> Option<u32> {
        let word = self.bytes.get(self.at..)?.first_chunk::<4>()?;
        self.at += 4;
        Some(u32::from_le_bytes(*word))
    }

    /// An integer of 1 to 5 bytes: the leading ones of the first byte say how many follow.
    pub(super) fn itf8(&mut self) -> Option<i32> {
        let first = self.byte()?;
        let more = first.leading_ones().min(4);
        let mut value = u32::from(first) & (0xff >> (more + 1).min(4));
        for i in 0..more {
            let byte = u32::from(self.byte()?);
            // Of the fifth byte only the low half counts.
            value = if i == 3 { value << 4 | (byte & 15) } else { value << 8 | byte };
        }
        Some(value as i32)
    }

    /// An integer of 1 to 9 bytes.
    pub(super) fn ltf8(&mut self) -> Option<i64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut value = if more < 7 { u64::from(first) & (0xff >> (more + 1)) } else { 0 };
        for _ in 0..more {
            value = value << 8 | u64::from(self.byte()?);
        }
        Some(value as i64)
    }

    /// Four integers.
    pub(super) fn numbers(&mut self) -> Option<[i32; 4]> {
        Some([self.itf8()?, self.itf8()?, self.itf8()?, self.itf8()?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length() {
        let numbers: [(&[u8], i32); 7] = [
            (b"\x7f", 127),
            (b"\x80\x80", 128),
            (b"\xc0\x40\x00", 16_384),
            (b"\xe0\x20\x00\x00", 2_097_152),
            (b"\xf1\x00\x00\x00\x00", 1 << 28),
            (b"\xff\xff\xff\xff\x0f", -1),
            (b"\xff\xff\xff\xff\x0e", -2),
        ];
        for (bytes, expected) in numbers {
            let mut cursor = Cursor { bytes, at: 0 };
            assert_eq!((cursor.itf8(), cursor.at), (Some(expected), bytes.len()));
            let cut = &bytes[..bytes.len() - 1];
            assert_eq!(Cursor { bytes: cut, at: 0 }.itf8(), None);
        }
        let numbers: [(&[u8], i64); 5] = [
            (b"\x7f", 127),
            (b"\x81\x00", 256),
            (b"\xfc\x01\x02\x03\x04\x05\x06", 0x0102_0304_0506),
            (b"\xfe\x01\x02\x03\x04\x05\x06\x07", 0x01_0203_0405_0607),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff", -1),
        ];
        for (bytes, expected) in numbers {
            let mut cursor = Cursor { bytes, at: 0 };
            assert_eq!((cursor.ltf8(), cursor.at), (Some(expected), bytes.len()));
        }
    }
}
