//! Machines without the instructions.

#![allow(unsafe_code, reason = "as on machines that have them")]

use super::Stop;
use super::state::{State, Tokens};
use super::tables::Tables;

/// There are none.
#[derive(Clone, Copy)]
pub(super) enum Machine {}

impl Machine {
    pub(super) fn able() -> Option<Self> {
        None
    }

    pub(super) fn gathers_quickly() -> bool {
        false
    }

    pub(super) unsafe fn advance(
        self,
        _: (&Tables, &[u8]),
        _: &mut State,
        _: (&mut [Tokens], usize),
        _: u16,
    ) -> Stop {
        match self {}
    }

    pub(super) unsafe fn copy(
        self,
        _: (&[Tokens], usize),
        _: &mut [u8],
        _: (usize, usize, usize),
    ) -> usize {
        match self {}
    }
}
