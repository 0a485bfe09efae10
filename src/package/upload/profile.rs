//! Keys of AWS from the files that its command line tool writes, for those who have no variables set.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use object_store::aws::AmazonS3Builder;

/// What a profile says; all of it or part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    key: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    region: Option<String>,
}

impl Profile {
    pub fn apply(self, mut builder: AmazonS3Builder) -> AmazonS3Builder {
        if let (Some(key), Some(secret)) = (self.key, self.secret) {
            builder = builder.with_access_key_id(key).with_secret_access_key(secret);
        }
        if let Some(token) = self.token {
            builder = builder.with_token(token);
        }
        if let Some(region) = self.region {
            builder = builder.with_region(region);
        }
        builder
    }

    /// Takes what is new in the profile of this section.
    fn read(&mut self, text: &str, section: &str) {
        let mut is_ours = false;
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                is_ours = name.trim() == section;
            }
            let Some((name, value)) = line.split_once('=').filter(|_| is_ours) else {
                continue;
            };
            let place = match name.trim() {
                "aws_access_key_id" => &mut self.key,
                "aws_secret_access_key" => &mut self.secret,
                "aws_session_token" => &mut self.token,
                "region" => &mut self.region,
                _ => continue,
            };
            place.get_or_insert_with(|| value.trim().to_owned());
        }
    }
}

/// The profile of `AWS_PROFILE`, else `default`; none where no file has it.
pub fn find(environment: &BTreeMap<String, String>) -> Result<Option<Profile>> {
    let name = name(environment);
    let [credentials, config] = files(environment);
    let mut profile = Profile::default();
    profile.read(&text_of(credentials)?, name);
    let section = if name == "default" {
        name.to_owned()
    } else {
        format!("profile {name}")
    };
    profile.read(&text_of(config)?, &section);
    Ok((profile != Profile::default()).then_some(profile))
}

/// The profile that is looked for.
pub fn name(environment: &BTreeMap<String, String>) -> &str {
    environment.get("AWS_PROFILE").map_or("default", String::as_str)
}

/// The file of keys and that of settings, where the environment says where they are.
pub fn files(environment: &BTreeMap<String, String>) -> [Option<PathBuf>; 2] {
    [
        ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        ("AWS_CONFIG_FILE", ".aws/config"),
    ]
    .map(|(variable, usual)| {
        let given = environment.get(variable).map(PathBuf::from);
        given.or_else(|| Some(Path::new(environment.get("HOME")?).join(usual)))
    })
}

/// Empty where there is no such file.
fn text_of(path: Option<PathBuf>) -> Result<String> {
    let Some(path) = path else {
        return Ok(String::new());
    };
    let mut text = String::new();
    match File::open(&path).and_then(|mut file| file.read_to_string(&mut text)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot read `{}`", path.display()))
        }
        Ok(_) | Err(_) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_one_profile_of_each_file() {
        let mut profile = Profile::default();
        let text =
            "[other]\naws_access_key_id=no\n[team]\naws_access_key_id = K\naws_secret_access_key=S=1\n";
        profile.read(text, "team");
        profile.read(
            "[profile team]\nregion = eu-west-1\naws_access_key_id = late\n",
            "profile team",
        );
        let expected = Profile {
            key: Some("K".to_owned()),
            secret: Some("S=1".to_owned()),
            token: None,
            region: Some("eu-west-1".to_owned()),
        };
        assert_eq!(profile, expected);
    }
}
