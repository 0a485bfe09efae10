//! "Did you mean": the known name closest to one that was misspelt.

/// The candidate with the fewest edits (insert, delete, replace, swap neighbours), when they are few for its
/// length; the first of several.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = characters(name);
    let mut allowed = (name.len() / 3).clamp(1, 4);
    let mut best = None;
    let mut rows = Rows::default();
    for candidate in candidates {
        // As many bytes at least as characters: most candidates are out before they are looked at.
        if candidate.len() + allowed < name.len() || candidate.len() > 4 * (name.len() + allowed) {
            continue;
        }
        if let Some(edits) = rows.distance(&name, &characters(candidate), allowed) {
            best = Some(candidate);
            let Some(fewer) = edits.checked_sub(1) else { break };
            allowed = fewer;
        }
    }
    best
}

/// Letters that differ only in case are the same letter here.
fn characters(text: &str) -> Vec<char> {
    if text.is_ascii() {
        return text
            .bytes()
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Three rows of the table of optimal string alignment: the one before the last, the last, the current.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    above: Vec<usize>,
    current: Vec<usize>,
}

impl Rows {
    /// The number of edits between two names, none where there are more than `allowed`.
    fn distance(&mut self, a: &[char], b: &[char], allowed: usize) -> Option<usize> {
        if a.len().abs_diff(b.len()) > allowed {
            return None;
        }
        self.before.clear();
        self.above.clear();
        self.above.extend(0..=b.len());
        let mut previous = None;
        for (row, &left) in a.iter().enumerate() {
            self.fill(row, left, previous, b);
            if self.current.iter().all(|&edits| edits > allowed) {
                return None;
            }
            std::mem::swap(&mut self.before, &mut self.above);
            std::mem::swap(&mut self.above, &mut self.current);
            previous = Some(left);
        }
        self.above.last().copied().filter(|&edits| edits <= allowed)
    }

    fn fill(&mut self, row: usize, left: char, previous: Option<char>, b: &[char]) {
        let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX);
        self.current.clear();
        self.current.push(row + 1);
        let mut last = None;
        for (column, &right) in b.iter().enumerate() {
            let replaced = at(&self.above, column) + usize::from(left != right);
            let deleted = at(&self.above, column + 1) + 1;
            let inserted = at(&self.current, column) + 1;
            let mut best = replaced.min(deleted).min(inserted);
            if previous == Some(right) && last == Some(left) {
                let index = column.saturating_sub(1);
                best = best.min(at(&self.before, index).saturating_add(1));
            }
            self.current.push(best);
            last = Some(right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_closest_and_nothing_far() {
        let names = ["datastore-root", "datastore", "image"];
        assert_eq!(nearest("datastor-root", names), Some("datastore-root"));
        assert_eq!(nearest("iamge", names), Some("image"));
        assert_eq!(nearest("IMAGE", names), Some("image"));
        assert_eq!(nearest("zebra", names), None);
        assert_eq!(nearest("tiems", ["times", "minutes"]), Some("times"));
        assert_eq!(nearest("abd", ["abc", "abd", "abe"]), Some("abd"));
    }

    #[test]
    fn is_quick_among_many() {
        let names: Vec<String> = (0..2000).map(|number| format!("step{number}")).collect();
        for number in 0..200 {
            let name = format!("nope{number}");
            assert_eq!(nearest(&name, names.iter().map(String::as_str)), None);
        }
    }
}
