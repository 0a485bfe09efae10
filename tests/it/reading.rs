//! Reads a source from memory, alone, as `check` would.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use flowc::flow::{Configs, Entry, Inputs};
use flowc::source::Files;
use flowc::value::Value;
use flowc::{Checkup, python};

/// No file beside the entry.
struct Alone;

impl Files for Alone {
    fn read(&self, _path: &Path) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn is_folder(&self, _path: &Path) -> bool {
        false
    }
}

/// Gives what is read of a text to `use_it`, on a stack that is deep enough.
pub fn with_inputs<T: Send>(
    text: &str,
    defines: &BTreeMap<String, Value>,
    use_it: impl FnOnce(Entry<'_>, &Inputs<'_>) -> T + Send,
) -> T {
    python::with_deep_stack(|| {
        let inputs = Inputs {
            files: &Alone,
            environment: &BTreeMap::new(),
            configs: &Configs::default(),
            defines,
            known_decorators: &BTreeMap::new(),
            harmless_bases: &std::collections::BTreeSet::new(),
        };
        let entry = Entry {
            path: Path::new("flow.py"),
            text: Some(text.as_bytes()),
            class: None,
        };
        use_it(entry, &inputs)
    })
}

/// The flows and findings of reading alone.
pub fn read(text: &str) -> Checkup {
    with_inputs(text, &BTreeMap::new(), |entry, inputs| {
        flowc::read(entry, inputs).unwrap()
    })
}
