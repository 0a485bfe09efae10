//! Fewer container overrides: the command packed, and what all jobs share moved to the job definitions, whose
//! environment AWS Batch merges with that of the overrides.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::asl;
use super::job_definition::Variable;
use super::text::Source;

/// The command as one that unpacks itself, where that is shorter.
pub fn command(line: String) -> String {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail; the command as it is would still be right.
    let packed = packer.write_all(line.as_bytes()).and_then(|()| packer.finish());
    match packed.map(|bytes| format!(r#"eval "$(echo {}|base64 -d|gunzip)""#, base64(&bytes))) {
        Ok(short) if short.len() < line.len() => short,
        Ok(_) | Err(_) => line,
    }
}

/// The constants as a job definition holds them.
pub fn shared(constants: &[asl::Variable]) -> Vec<Variable> {
    let known = constants.iter().filter_map(|variable| match &variable.value {
        Source::Value(text) => Some(Variable {
            name: variable.name.clone(),
            value: text.clone(),
        }),
        Source::Path(_) => None,
    });
    known.collect()
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let padded = [0, 1, 2].map(|index| group.get(index).copied().unwrap_or(0));
        let number = padded
            .iter()
            .fold(0_u32, |number, &byte| number << 8 | u32::from(byte));
        for position in 0..4 {
            let index = usize::try_from(number >> (18 - 6 * position) & 63).unwrap_or(0);
            let letter = ALPHABET.get(index).copied().filter(|_| position <= group.len());
            out.push(letter.map_or('=', char::from));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(base64(b"Ma"), "TWE=");
        assert_eq!(base64(b"Man"), "TWFu");
        assert_eq!(base64(b"M"), "TQ==");
    }

    #[test]
    fn a_short_command_stays() {
        assert_eq!(command("true".to_owned()), "true");
        assert!(command("true && ".repeat(100)).starts_with("eval "));
    }
}
