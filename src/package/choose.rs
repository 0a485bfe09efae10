//! Which files belong into a package: Metaflow's rules (2.19: `packaging_sys/utils.py`, `util.py`), `.gitignore`,
//! the settings. Never flowc's own output.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use memchr::memmem;

use super::Member;
use super::ignored::{Ignores, Patterns};

/// Suffixes of the files of Metaflow itself.
const METAFLOW_SUFFIXES: [&str; 4] = [".py", ".html", ".css", ".js"];

/// Folders that hold nothing of the flow: caches, Metaflow's own trampolines.
const NEVER: [&str; 4] = ["__pycache__", ".git", ".metaflow", "_escape_trampolines"];

/// What files are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Kinds<'a> {
    pub suffixes: &'a [String],
    pub takes_hidden: bool,
    pub heeds_gitignore: bool,
}

impl Kinds<'_> {
    /// A hidden file only by its whole name, all in any case.
    fn take(&self, file: &str) -> bool {
        let file = file.to_lowercase();
        let mut suffixes = self.suffixes.iter().map(|suffix| suffix.to_lowercase());
        if file.starts_with('.') {
            suffixes.any(|suffix| file == suffix)
        } else {
            suffixes.any(|suffix| file.ends_with(&suffix))
        }
    }
}

/// Collects members.
pub struct Chooser<'a> {
    pub members: BTreeMap<String, Member>,
    patterns: &'a Patterns,
    output: Option<PathBuf>,
}

/// Where a walk is.
#[derive(Clone)]
struct Place {
    path: PathBuf,
    /// In the package, with a final slash, or empty.
    name: String,
    ignores: Ignores,
    /// Links followed on the way here, so that none is followed in a circle.
    followed: Vec<PathBuf>,
    /// Hidden or ignored: only what the settings include counts.
    is_left_out: bool,
}

impl<'a> Chooser<'a> {
    pub fn new(patterns: &'a Patterns, output: Option<&Path>) -> Self {
        Self {
            members: BTreeMap::new(),
            patterns,
            output: output.and_then(|output| output.canonicalize().ok()),
        }
    }

    /// The flow's own file, which containers start.
    pub fn the_flow(&mut self, entry: &Path) -> Result<()> {
        let name = entry.file_name().unwrap_or_default();
        let name = text_of(Path::new(name))?;
        self.add(entry, name.to_owned())
    }

    /// All of a folder that is asked for, under `prefix` (empty, or with a final slash).
    pub fn folder(&mut self, folder: &Path, prefix: &str, kinds: Kinds<'_>) -> Result<()> {
        let ignores = if kinds.heeds_gitignore {
            Ignores::around(folder)?
        } else {
            Ignores::default()
        };
        let place = Place {
            path: folder.to_owned(),
            name: prefix.to_owned(),
            ignores,
            followed: Vec::new(),
            is_left_out: false,
        };
        self.walk(&place, kinds)
    }

    /// A file or folder of `@package_sources`, under its own name if no place is given.
    pub fn source(&mut self, source: &Path, place: Option<&str>, kinds: Kinds<'_>) -> Result<()> {
        let source = source.canonicalize().context("cannot read it")?;
        let name = match place {
            Some(place) => normal(place),
            None => text_of(Path::new(source.file_name().unwrap_or_default()))?.to_owned(),
        };
        if source.is_dir() {
            return self.folder(&source, &format!("{name}/"), kinds);
        }
        let file = source.file_name().unwrap_or_default().to_string_lossy();
        if kinds.take(&file) && !self.patterns.excludes(&name, false) {
            self.add(&source, name)?;
        }
        Ok(())
    }

    /// Metaflow as it is installed below `root`.
    pub fn metaflow(&mut self, root: &Path) -> Result<()> {
        let suffixes = METAFLOW_SUFFIXES.map(str::to_owned);
        let kinds = Kinds {
            suffixes: &suffixes,
            takes_hidden: true,
            heeds_gitignore: false,
        };
        self.folder(&root.join("metaflow"), ".mf_code/metaflow/", kinds)
    }

    fn walk(&mut self, place: &Place, kinds: Kinds<'_>) -> Result<()> {
        let ignores = if kinds.heeds_gitignore {
            place.ignores.below(&place.path)?
        } else {
            Ignores::default()
        };
        for (path, file) in entries(&place.path)? {
            let name = format!("{}{file}", place.name);
            let is_folder = path.is_dir();
            let is_hidden = file.starts_with('.') && !kinds.takes_hidden;
            if is_folder {
                if self.is_never(&path, &file, &name) {
                    continue;
                }
                let is_left_out = place.is_left_out || is_hidden || ignores.ignores(&path, true);
                if is_left_out && !self.patterns.has_includes() {
                    continue;
                }
                if let Some(followed) = follow(&path, &place.followed) {
                    let below = Place {
                        path,
                        name: name + "/",
                        ignores: ignores.clone(),
                        followed,
                        is_left_out,
                    };
                    self.walk(&below, kinds)?;
                }
                continue;
            }
            let is_chosen = !place.is_left_out && kinds.take(&file) && !ignores.ignores(&path, false);
            if (is_chosen || self.patterns.includes(&name)) && !self.patterns.excludes(&name, false) {
                self.add(&path, name)?;
            }
        }
        Ok(())
    }

    /// A folder that is not even looked into.
    fn is_never(&self, path: &Path, file: &str, name: &str) -> bool {
        NEVER.contains(&file)
            || name == ".mf_code"
            || name == ".mf_meta"
            || path.join("pyvenv.cfg").is_file()
            || self.patterns.excludes(name, true)
    }

    fn add(&mut self, path: &Path, name: String) -> Result<()> {
        if let Some(there) = self.members.get(&name) {
            let is_same = there
                .path
                .as_ref()
                .is_some_and(|other| other.canonicalize().ok() == path.canonicalize().ok());
            if is_same {
                return Ok(());
            }
            bail!(
                "two files would be `{name}` in the package: `{}` and `{}`",
                there.path.as_deref().unwrap_or(Path::new("")).display(),
                path.display()
            );
        }
        if self.output.is_some() && path.canonicalize().ok() == self.output {
            return Ok(());
        }
        let metadata = path
            .metadata()
            .with_context(|| format!("cannot read `{}` for the code package", path.display()))?;
        if !metadata.is_file() {
            bail!(
                "`{}` is no regular file: it cannot be in a code package",
                path.display()
            );
        }
        let bytes = read(path)?;
        if is_own(&bytes) {
            return Ok(());
        }
        let member = Member {
            name: name.clone(),
            path: Some(path.to_owned()),
            is_executable: metadata.permissions().mode() & 0o100 != 0,
            bytes,
        };
        self.members.insert(name, member);
        Ok(())
    }
}

/// The entries of a folder, sorted by name.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let problem = || {
        format!(
            "cannot read the folder `{}` for the code package",
            folder.display()
        )
    };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(problem)? {
        let name = entry.with_context(problem)?.file_name();
        let path = if folder == Path::new(".") {
            PathBuf::from(&name)
        } else {
            folder.join(&name)
        };
        entries.push((path, text_of(Path::new(&name))?.to_owned()));
    }
    entries.sort();
    Ok(entries)
}

/// The links followed once this folder is entered; none where that would be a circle.
fn follow(path: &Path, followed: &[PathBuf]) -> Option<Vec<PathBuf>> {
    let mut followed = followed.to_vec();
    if path.is_symlink() {
        let real = path.canonicalize().ok()?;
        if followed.contains(&real) {
            return None;
        }
        followed.push(real);
    }
    Some(followed)
}

/// The bytes of a file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .with_context(|| format!("cannot read `{}` for the code package", path.display()))?;
    Ok(bytes)
}

/// Did flowc write it: a definition, which names the package and so cannot be in it, what kustomize reads beside one, or
/// a report?
pub fn is_own(bytes: &[u8]) -> bool {
    let head = bytes.get(..1000).unwrap_or(bytes);
    let says = |text: &str| memmem::find(head, text.as_bytes()).is_some();
    match head {
        [b'"', b'"', b'"', ..] => says("\nMade by flowc "),
        [b'#', ..] | [b'A', b'W', b'S', ..] => says(", compiled by flowc "),
        [b'{', ..] => {
            let holds = |text: &str| memmem::find(bytes, text.as_bytes()).is_some();
            let is_machine =
                holds(r#""JobDefinition":"metaflow_"#) || says(r#"{"jobDefinitionName":"metaflow_"#);
            let is_definition = holds("\"METAFLOW_CODE_SHA\"") || is_machine;
            is_definition || says(", compiled by flowc ") || says("\n  \"version\": 1,\n  \"flowc\": \"")
        }
        // A state machine in YAML.
        [b'C' | b'S' | b'T', ..] => memmem::find(bytes, b"\n      JobDefinition: metaflow_").is_some(),
        _ => false,
    }
}

/// `./shared//code` is `shared/code`.
fn normal(place: &str) -> String {
    let parts = place.split('/').filter(|part| !part.is_empty() && *part != ".");
    parts.collect::<Vec<_>>().join("/")
}

fn text_of(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| {
        format!(
            "the name `{}` is not UTF-8: it cannot be in a code package",
            path.display()
        )
    })
}
