//! One value for every step of a flow, by node. Knows no graph.

use std::ops::{Index, IndexMut};

use petgraph::graph::NodeIndex;

/// A value for each step, in the order of the flow's steps. Made whole, so that every node of the same flow has one.
#[derive(Clone, Debug, PartialEq)]
pub struct PerStep<T>(Vec<T>);

impl<T: Clone> PerStep<T> {
    /// The same value for `count` steps.
    pub fn filled(value: T, count: usize) -> Self {
        Self(vec![value; count])
    }
}

impl<T> PerStep<T> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<'a, T> IntoIterator for &'a PerStep<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> FromIterator<T> for PerStep<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<T> Index<NodeIndex> for PerStep<T> {
    type Output = T;

    #[expect(
        clippy::indexing_slicing,
        reason = "a NodeIndex of the same flow is an index into it"
    )]
    fn index(&self, node: NodeIndex) -> &T {
        &self.0[node.index()]
    }
}

impl<T> IndexMut<NodeIndex> for PerStep<T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "a NodeIndex of the same flow is an index into it"
    )]
    fn index_mut(&mut self, node: NodeIndex) -> &mut T {
        &mut self.0[node.index()]
    }
}
