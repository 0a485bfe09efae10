//! "Did you mean": the known name closest to one that was misspelt.

/// The candidate with the fewest edits (insert, delete, replace, swap neighbours), when they are few for its
/// length; the first of several.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).clamp(1, 4);
    let measured = candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate));
    let close = measured.filter(|(edits, _)| *edits <= allowed);
    close
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance; letters that differ only in case cost nothing.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    if a.len().abs_diff(b.len()) > 4 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, &left) in a.iter().enumerate() {
        let current = next_row(row, left, previous, &b, &above, &before);
        before = std::mem::replace(&mut above, current);
        previous = Some(left);
    }
    above.last().copied().unwrap_or(0)
}

fn next_row(
    row: usize,
    left: char,
    previous: Option<char>,
    b: &[char],
    above: &[usize],
    before: &[usize],
) -> Vec<usize> {
    let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX);
    let mut current = vec![row + 1];
    for (column, &right) in b.iter().enumerate() {
        let replaced = at(above, column) + usize::from(left != right);
        let deleted = at(above, column + 1) + 1;
        let inserted = at(&current, column) + 1;
        let mut best = replaced.min(deleted).min(inserted);
        let left_of_right = column.checked_sub(1).and_then(|index| b.get(index)).copied();
        if previous == Some(right) && left_of_right == Some(left) {
            best = best.min(at(before, column - 1).saturating_add(1));
        }
        current.push(best);
    }
    current
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_closest_and_nothing_far() {
        let names = ["datastore-root", "datastore", "image"];
        assert_eq!(nearest("datastor-root", names), Some("datastore-root"));
        assert_eq!(nearest("iamge", names), Some("image"));
        assert_eq!(nearest("zebra", names), None);
        assert_eq!(nearest("tiems", ["times", "minutes"]), Some("times"));
    }
}
