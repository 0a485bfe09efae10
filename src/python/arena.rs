//! Where parsed files live while objects point into them: values are only added, and never move.

use std::cell::{Cell, OnceCell};

use super::parse::Parsed;

/// Keeps every parsed file, and the few names that stand in no source, until it is dropped.
/// Dropping it drops syntax trees, so it belongs on a deep stack: see [`super::with_deep_stack`].
#[derive(Default)]
pub struct Arena {
    parsed: Growing<Parsed>,
    names: Growing<Box<str>>,
}

impl Arena {
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn keep(&self, parsed: Parsed) -> &Parsed {
        self.parsed.push(parsed)
    }

    pub(super) fn name(&self, name: &str) -> &str {
        self.names.push(Box::from(name))
    }
}

/// A list whose elements keep their address: levels of doubling size, each allocated once.
struct Growing<T> {
    levels: [OnceCell<Box<[OnceCell<T>]>>; LEVELS],
    length: Cell<usize>,
}

const LEVELS: usize = 28;

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Self {
            levels: [const { OnceCell::new() }; LEVELS],
            length: Cell::new(0),
        }
    }
}

impl<T> Growing<T> {
    fn push(&self, value: T) -> &T {
        let index = self.length.get() + 1;
        self.length.set(index);
        let level = index.ilog2() as usize;
        #[expect(
            clippy::indexing_slicing,
            reason = "2^28 parsed files or names do not fit in memory"
        )]
        let cells =
            self.levels[level].get_or_init(|| (0..1_usize << level).map(|_| OnceCell::new()).collect());
        #[expect(
            clippy::indexing_slicing,
            reason = "a level holds 2^level cells, and index has that highest bit"
        )]
        cells[index - (1 << level)].get_or_init(|| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stay_where_they_are() {
        let list = Growing::default();
        let first = list.push(0);
        let others: Vec<&usize> = (1..1000).map(|number| list.push(number)).collect();
        assert_eq!(*first, 0);
        assert!(
            others
                .iter()
                .enumerate()
                .all(|(index, &&number)| number == index + 1)
        );
    }
}
