//! The lanes' steps and the copying, with AVX-512.
//!
//! Here is `unsafe` code: no safe wrapper has gathering loads or permutes bytes across a vector.

#![allow(unsafe_code, reason = "instructions that not every machine has")]

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpgt_epu64_mask, _mm512_i64gather_epi64,
    _mm512_load_si512, _mm512_loadu_si512, _mm512_mask_add_epi64, _mm512_mask_cmpge_epu64_mask,
    _mm512_mask_cmplt_epi64_mask, _mm512_mask_cmplt_epu64_mask, _mm512_mask_i64gather_epi64,
    _mm512_mask_mov_epi64, _mm512_mask_sub_epi64, _mm512_mask_test_epi64_mask,
    _mm512_maskz_and_epi64, _mm512_maskz_mov_epi64, _mm512_permutexvar_epi8, _mm512_set1_epi64,
    _mm512_set4_epi32, _mm512_setzero_si512, _mm512_shrdv_epi64, _mm512_shuffle_epi8,
    _mm512_slli_epi64, _mm512_srli_epi64, _mm512_srlv_epi64, _mm512_store_si512,
    _mm512_storeu_si512, _mm512_sub_epi64, _mm512_ternarylogic_epi64, _mm512_test_epi64_mask,
    _mm512_testn_epi64_mask,
};

use super::state::{Each, FRONT, INPUT_PAD, STEPS, State, TOKENS, Tokens};
use super::tables::{
    DISTANCE_BITS, DISTANCES, END, LANES, LITERAL, LITERAL_BITS, MORE, MORE_CELLS, MORE_DISTANCES,
    MORE_LITERALS, NO_MATCH, Tables,
};
use super::{OUTPUT_PAD, Stop};

/// Lanes of a vector: half of all.
const HALF: usize = 8;
/// Bytes of a vector.
const BYTES: usize = 64;
const _: () = assert!(
    super::OUTPUT_STRIDE >= super::ROOM + super::FRONT + super::MAX_BLOCK_BYTES + BYTES,
    "what is written behind a block ends before the next slot"
);

/// A machine with the instructions.
#[derive(Clone, Copy)]
pub(super) struct Machine(());

impl Machine {
    /// `None` when this machine lacks the instructions.
    pub(super) fn able() -> Option<Self> {
        let has_all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2");
        has_all.then_some(Self(()))
    }

    /// True where lanes were measured to be faster than one block after another: Intel Sapphire Rapids and later. Other machines
    /// with the instructions (Intel Ice Lake, AMD Zen 4) gather more slowly and were not measured; the bench `inflate` tells.
    pub(super) fn gathers_quickly() -> bool {
        is_x86_feature_detected!("avx512fp16")
    }

    /// Steps all lanes until one of those in `active` ends, one fails or the tokens are full: `filled` steps of them are there.
    ///
    /// # Panics
    ///
    /// When the end of a lane lies less than [`INPUT_PAD`] bytes before that of the input, or `filled` is no multiple of
    /// [`STEPS`] below [`TOKENS`].
    ///
    /// # Safety
    ///
    /// Lanes that are not active stand still, and those that ended or failed were stopped or sent on since; bases and masks
    /// are those of [`State::go`] and [`State::stop`], or of the steps before in the same tables.
    pub(super) unsafe fn advance(
        self,
        (tables, input): (&Tables, &[u8]),
        state: &mut State,
        (tokens, filled): (&mut [Tokens], usize),
        active: u16,
    ) -> Stop {
        let Self(()) = self;
        let last = state.end.0.iter().chain(&state.position.0).max().copied().unwrap_or(0);
        assert!(last as usize / 8 + INPUT_PAD <= input.len(), "lanes stay in the input");
        let room = tokens.len() == TOKENS && filled < TOKENS && filled.is_multiple_of(STEPS);
        assert!(room, "room for a group of tokens");
        // SAFETY: there is a value of this type only on machines that have these instructions. No lane is before a group of
        // steps behind its end, which is in the input with room for what a group reads; cells lead to cells of their lane.
        unsafe { advance((tables.cells(), input), state, (tokens, filled), active) }
    }

    /// Copies what a lane's tokens say to the slot that begins at `slot` of the output, from `at` of the slot on; returns where
    /// it ended.
    ///
    /// # Panics
    ///
    /// When the output is too short for what any token may read, or for `end`.
    ///
    /// # Safety
    ///
    /// The tokens are those of a lane that did not fail, and what they make ends at most at `end`.
    pub(super) unsafe fn copy(
        self,
        tokens: (&[Tokens], usize),
        output: &mut [u8],
        (slot, at, end): (usize, usize, usize),
    ) -> usize {
        let Self(()) = self;
        let last = slot + OUTPUT_PAD.max(end + BYTES);
        assert!(last <= output.len(), "tokens stay in the output");
        // SAFETY: there is a value of this type only on machines that have these instructions. A token reads less than
        // OUTPUT_PAD bytes behind the slot's begin, and writes at most a vector behind the end.
        unsafe { copy(tokens, output, (slot, at, end)) }
    }
}

/// Where the cells of each lane begin.
static LITERALS_AT: Each = places(0, 1 << LITERAL_BITS);
static DISTANCES_AT: Each = places(DISTANCES, 1 << DISTANCE_BITS);
static MORE_LITERALS_AT: Each = places(MORE_LITERALS, MORE_CELLS);
static MORE_DISTANCES_AT: Each = places(MORE_DISTANCES, MORE_CELLS);

const fn places(first: usize, each: usize) -> Each {
    let mut places = [0; LANES];
    let mut lane = 0;
    while lane < LANES {
        places[lane] = (first + lane * each) as u64;
        lane += 1;
    }
    Each(places)
}

/// Half of the lanes, in registers.
struct Half {
    position: __m512i,
    made: __m512i,
    base: __m512i,
    mask: __m512i,
    /// The next bits of the input.
    window: __m512i,
    /// Not zero in lanes with a distance that reaches before the block.
    bad: __m512i,
    /// The cell of the last step.
    cell: __m512i,
    /// Where the lanes' first tables begin.
    literals: __m512i,
    more_literals: __m512i,
    distances: __m512i,
    more_distances: __m512i,
}

#[inline]
#[target_feature(enable = "avx512f")]
fn all(word: u64) -> __m512i {
    _mm512_set1_epi64(word as i64)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn half_of(words: &Each, half: usize) -> __m512i {
    // SAFETY: eight aligned words of the array.
    unsafe { _mm512_load_si512(words.0[half * HALF..][..HALF].as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn keep(vector: __m512i, words: &mut Each, half: usize) {
    // SAFETY: eight aligned words of the array.
    unsafe { _mm512_store_si512(words.0[half * HALF..][..HALF].as_mut_ptr().cast(), vector) }
}

/// Every lane of a half.
const ALL: u8 = u8::MAX;

/// `a & b | c`.
#[inline]
#[target_feature(enable = "avx512f")]
fn and_or(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi64::<0xea>(a, b, c)
}

/// The cells at these places in the lanes of `wanted`, `others` in the other lanes.
///
/// # Safety
///
/// The places of wanted lanes are below the number of cells.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn cells_at(cells: &[u64], places: __m512i, (others, wanted): (__m512i, u8)) -> __m512i {
    debug_assert!(_mm512_mask_cmpge_epu64_mask(wanted, places, all(cells.len() as u64)) == 0);
    // SAFETY: the function's contract.
    unsafe { _mm512_mask_i64gather_epi64::<8>(others, wanted, places, cells.as_ptr().cast()) }
}

/// Eight bytes of the input each from so many behind these places on.
///
/// # Safety
///
/// They are in the input.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn bytes_at(input: &[u8], places: __m512i, behind: usize) -> __m512i {
    let last = (input.len() - behind - 8) as u64;
    debug_assert!(_mm512_cmpgt_epu64_mask(places, all(last)) == 0);
    // SAFETY: the function's contract.
    unsafe { _mm512_i64gather_epi64::<1>(places, input.as_ptr().add(behind).cast()) }
}

/// Byte `low` of each word, with byte `low + 1` above it when `wide`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn field<const LOW: i32, const WIDE: bool>(cells: __m512i) -> __m512i {
    // A byte with its top bit set picks zero.
    const NONE: i32 = 0x8080_8080_u32 as i32;
    let of = |low: i32| {
        let high = if WIDE { low + 1 } else { 0x80 };
        NONE & !0xffff | high << 8 | low
    };
    let (first, second) = (of(LOW), of(LOW + 8));
    _mm512_shuffle_epi8(cells, _mm512_set4_epi32(NONE, second, NONE, first))
}

/// # Safety
///
/// The lanes' positions are in the input, eight bytes before its end.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")]
unsafe fn begin(state: &State, input: &[u8], half: usize) -> Half {
    let position = half_of(&state.position, half);
    // SAFETY: the function's contract.
    let word = unsafe { bytes_at(input, _mm512_srli_epi64::<3>(position), 0) };
    Half {
        position,
        made: half_of(&state.made, half),
        base: half_of(&state.base, half),
        mask: half_of(&state.mask, half),
        window: _mm512_srlv_epi64(word, _mm512_and_si512(position, all(7))),
        bad: _mm512_setzero_si512(),
        cell: _mm512_setzero_si512(),
        literals: half_of(&LITERALS_AT, half),
        more_literals: half_of(&MORE_LITERALS_AT, half),
        distances: half_of(&DISTANCES_AT, half),
        more_distances: half_of(&MORE_DISTANCES_AT, half),
    }
}

/// # Safety
///
/// See [`Machine::advance`], which has checked what can be checked.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")]
unsafe fn advance(
    (cells, input): (&[u64], &[u8]),
    state: &mut State,
    (tokens, mut filled): (&mut [Tokens], usize),
    active: u16,
) -> Stop {
    // SAFETY: the function's contract.
    let (mut low, mut high) = unsafe { (begin(state, input, 0), begin(state, input, 1)) };
    let stop = loop {
        for row in &mut tokens[filled..filled + STEPS] {
            let (first, second) = row.0.split_at_mut(HALF);
            // SAFETY: the function's contract; no lane has passed its end before this group.
            unsafe {
                low.step(cells, input, first);
                high.step(cells, input, second);
            }
        }
        filled += STEPS;
        let (ended, failed) = (
            low.ended() | high.ended() << HALF,
            low.failed(state, 0) | high.failed(state, 1) << HALF,
        );
        // Lanes that idle have ended, but cannot fail.
        let ended = ended & active;
        if ended | failed != 0 || filled == TOKENS {
            break Stop { ended, failed, filled };
        }
    };
    for (i, half) in [low, high].into_iter().enumerate() {
        keep(half.position, &mut state.position, i);
        keep(half.made, &mut state.made, i);
        keep(half.base, &mut state.base, i);
        keep(half.mask, &mut state.mask, i);
    }
    stop
}

impl Half {
    /// One step of each lane: a literal or none, and behind it a literal, a match, the choice of further cells, or nothing at
    /// its end.
    ///
    /// # Safety
    ///
    /// Positions are [`INPUT_PAD`] bytes from the input's end less what steps have taken since; bases and masks pick cells.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")]
    unsafe fn step(&mut self, cells: &[u64], input: &[u8], tokens: &mut [u64]) {
        // The words of the next window are loaded before it is known where in them it begins.
        let byte = _mm512_srli_epi64::<3>(self.position);
        // SAFETY: the function's contract.
        let words = unsafe { (bytes_at(input, byte, 0), bytes_at(input, byte, 8)) };
        let index = and_or(self.window, self.mask, self.base);
        // SAFETY: the function's contract.
        let first = unsafe { cells_at(cells, index, (all(0), ALL)) };
        let literals = _mm512_test_epi64_mask(first, all(LITERAL));
        let first_bits = _mm512_maskz_and_epi64(literals, first, all(0xff));
        let window = _mm512_srlv_epi64(self.window, first_bits);
        let index = and_or(window, all((1 << LITERAL_BITS) - 1), self.literals);
        // SAFETY: the lane's literals are cells.
        let cell = unsafe { cells_at(cells, index, (first, literals)) };
        let cell_bits = _mm512_and_si512(cell, all(0xff));
        let behind = _mm512_srlv_epi64(window, cell_bits);
        let matches = _mm512_testn_epi64_mask(cell, all(NO_MATCH));
        // SAFETY: the function's contract.
        let far = unsafe { self.distances_at(cells, behind, matches) };

        let distance_bits = _mm512_maskz_and_epi64(matches, far, all(0xff));
        let next = _mm512_add_epi64(
            _mm512_add_epi64(self.position, first_bits),
            _mm512_add_epi64(cell_bits, distance_bits),
        );
        let shift = _mm512_sub_epi64(next, _mm512_slli_epi64::<3>(byte));
        self.window = _mm512_shrdv_epi64(words.0, words.1, shift);
        self.position = next;
        self.cell = cell;

        self.made = _mm512_mask_add_epi64(self.made, literals, self.made, all(1));
        let distance = value(behind, far, field::<1, false>(far));
        let token = self.token((window, cell), matches, distance);
        let token = and_or(first, all(LITERAL | 0xff << 32), token);
        // SAFETY: eight aligned tokens.
        unsafe { _mm512_store_si512(tokens.as_mut_ptr().cast(), token) }
    }

    /// The cells of the distances that these bits begin with, for lanes with matches.
    ///
    /// # Safety
    ///
    /// These are the cells that the lanes' places belong to.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")]
    unsafe fn distances_at(&self, cells: &[u64], bits: __m512i, matches: u8) -> __m512i {
        let index = and_or(bits, all((1 << DISTANCE_BITS) - 1), self.distances);
        // SAFETY: the lane's distances are cells.
        let found = unsafe { cells_at(cells, index, (all(0), ALL)) };
        let long = _mm512_mask_test_epi64_mask(matches, found, all(MORE));
        if long == 0 {
            return found;
        }
        let behind = _mm512_srli_epi64::<DISTANCE_BITS>(bits);
        let picked = _mm512_and_si512(behind, field::<1, false>(found));
        let start = _mm512_slli_epi64::<1>(field::<4, false>(found));
        let index = _mm512_add_epi64(_mm512_add_epi64(picked, start), self.more_distances);
        // SAFETY: a long code leads to further cells of its lane.
        unsafe { cells_at(cells, index, (found, long)) }
    }

    /// The tokens of these cells without their literals, and where the next step looks its cells up.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")]
    fn token(
        &mut self,
        (bits, cell): (__m512i, __m512i),
        matches: u8,
        distance: __m512i,
    ) -> __m512i {
        const ANY: i32 = 0xfe; // a | b | c
        let more = _mm512_test_epi64_mask(cell, all(MORE));
        let (code_bits, literal) = (field::<1, false>(cell), field::<4, false>(cell));
        self.mask = _mm512_mask_mov_epi64(all((1 << LITERAL_BITS) - 1), more, code_bits);
        let start = _mm512_slli_epi64::<1>(literal);
        self.base = _mm512_mask_add_epi64(self.literals, more, self.more_literals, start);

        let length = value(bits, cell, code_bits);
        let from = _mm512_mask_sub_epi64(literal, matches, self.made, distance);
        let before = _mm512_mask_cmplt_epi64_mask(matches, from, all(FRONT as u64));
        self.bad = _mm512_mask_mov_epi64(self.bad, before, all(1));
        self.made = _mm512_add_epi64(self.made, length);
        let near = _mm512_mask_cmplt_epu64_mask(matches, distance, all(BYTES as u64));
        _mm512_ternarylogic_epi64::<ANY>(
            _mm512_slli_epi64::<15>(from),
            _mm512_slli_epi64::<6>(length),
            _mm512_maskz_mov_epi64(near, distance),
        )
    }

    /// Lanes that have ended.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn ended(&self) -> u16 {
        u16::from(_mm512_test_epi64_mask(self.cell, all(END)))
    }

    /// Lanes that took or made more than there is, or copied from before the block.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn failed(&self, state: &State, half: usize) -> u16 {
        let far = _mm512_cmpgt_epu64_mask(self.position, half_of(&state.end, half));
        let large = _mm512_cmpgt_epu64_mask(self.made, half_of(&state.plain, half));
        u16::from(far | large | _mm512_test_epi64_mask(self.bad, self.bad))
    }
}

/// What a cell stands for: its least value and the extra bits behind its code.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn value(bits: __m512i, cell: __m512i, code_bits: __m512i) -> __m512i {
    let extra = _mm512_and_si512(_mm512_srlv_epi64(bits, code_bits), _mm512_srli_epi64::<48>(cell));
    _mm512_add_epi64(extra, field::<2, true>(cell))
}

/// By distance, which bytes of a vector repeat its first ones: all in order for 0, the first one for 1, and so on.
#[repr(C, align(64))]
struct Repeats([[u8; BYTES]; BYTES]);

static REPEATS: Repeats = {
    let mut rows = [[0; BYTES]; BYTES];
    let mut distance = 0;
    while distance < BYTES {
        let mut i = 0;
        while i < BYTES {
            rows[distance][i] = if distance == 0 { i } else { i % distance } as u8;
            i += 1;
        }
        distance += 1;
    }
    Repeats(rows)
};

/// How far a copy that repeats itself goes on with whole repeats of a vector.
static WHOLE: [u8; BYTES] = {
    let mut steps = [BYTES as u8; BYTES];
    let mut distance = 1;
    while distance < BYTES {
        steps[distance] = (BYTES / distance * distance) as u8;
        distance += 1;
    }
    steps
};

/// # Safety
///
/// See [`Machine::copy`], which has checked what can be checked.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
unsafe fn copy(
    (tokens, lane): (&[Tokens], usize),
    output: &mut [u8],
    (slot, mut at, end): (usize, usize, usize),
) -> usize {
    // SAFETY: the slot begins in the output.
    let slot = unsafe { output.as_mut_ptr().add(slot) };
    for tokens in tokens {
        let token = tokens.0[lane];
        let (from, length) = ((token >> 15) as usize & 0x1_ffff, (token >> 6) as usize & 511);
        let distance = (token & 63) as usize;
        // SAFETY: the function's contract.
        unsafe {
            *slot.add(at) = (token >> 32) as u8;
            at += (token >> 40) as usize;
            debug_assert!(at + length <= end, "what the tokens make fits");
            let (source, target) = (slot.add(from), slot.add(at));
            let order = _mm512_load_si512(REPEATS.0[distance].as_ptr().cast());
            let bytes = _mm512_permutexvar_epi8(order, _mm512_loadu_si512(source.cast()));
            _mm512_storeu_si512(target.cast(), bytes);
            if length > BYTES {
                let step = usize::from(WHOLE[distance]);
                let mut done = step;
                while done < length {
                    let bytes = if distance == 0 {
                        _mm512_loadu_si512(source.add(done).cast())
                    } else {
                        bytes
                    };
                    _mm512_storeu_si512(target.add(done).cast(), bytes);
                    done += step;
                }
            }
        }
        at += length;
    }
    at
}
