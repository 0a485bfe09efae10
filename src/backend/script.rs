//! Fills the holes of a shell template: `#STEP` and the like. It knows no target.

/// What the scripts of pods export, for Metaflow's logs.
pub const EXPORTED: [&str; 5] = [
    "MFLOG_STDERR",
    "MFLOG_STDOUT",
    "MF_ATTEMPT",
    "MF_DATASTORE",
    "MF_PATHSPEC",
];

/// A template with its holes filled, in one pass: what is filled in is never read again, so a tag
/// `see #STEP` stays a tag. Of holes that begin alike the first one counts.
pub fn fill(template: &str, holes: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find('#') {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        let hole = holes
            .iter()
            .find_map(|(name, value)| from.strip_prefix(name).map(|after| (*value, after)));
        let (value, after) = hole.unwrap_or_else(|| from.split_at(1));
        filled.push_str(value);
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let holes = [("#INIT\n", "echo '#STEP'\n"), ("#STEP", "'#INIT\n'"), ("#S", "s")];
        assert_eq!(
            fill("#!/bin/sh\n#INIT\n#STEP #S # a comment\n${#a}", &holes),
            "#!/bin/sh\necho '#STEP'\n'#INIT\n' s # a comment\n${#a}"
        );
    }
}
