//! Names of reads.

/// A hash of a name, whose highest bit is set: eight bytes a step, the last step over the last eight bytes, so that no step is
/// shorter.
#[inline]
#[must_use]
pub fn hash(name: &[u8]) -> u64 {
    let mix = |hash: u64, word: [u8; 8]| {
        (hash.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ name.len() as u64;
    if let Some(last) = name.last_chunk::<8>() {
        for word in name.as_chunks::<8>().0 {
            hash = mix(hash, *word);
        }
        hash = mix(hash, *last);
    } else {
        let mut word = [0; 8];
        word[..name.len()].copy_from_slice(name);
        hash = mix(hash, word);
    }
    // The low bits choose the bucket: a product's low bits know nothing of the name's last bytes, so mix once more.
    hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash ^ (hash >> 32)) | 1 << 63
}
