//! `flowc package --upload`: to a folder, and to a store that speaks as S3 does and counts what it is sent.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use super::{members, sha1};
use crate::program::{Project, Ran};

const FLOW: &str = "from metaflow import FlowSpec, IncludeFile, step


class TrainFlow(FlowSpec):
    data = IncludeFile(\"data\", default=\"data.csv\")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == \"__main__\":
    TrainFlow()
";

fn project() -> Project {
    Project::new(&[("train.py", FLOW), ("data.csv", "a,b\n1,2\n")])
}

/// Objects by path, with their notes; and what was asked, in order.
#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, (Vec<u8>, Option<String>)>,
    parts: BTreeMap<String, Vec<u8>>,
    asked: Vec<String>,
    /// Answers every request so.
    refuses: Option<(u16, &'static str)>,
}

/// A store on the loopback that knows HEAD, PUT and uploads in parts.
fn serve(bucket: &Arc<Mutex<Bucket>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let bucket = Arc::clone(bucket);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let bucket = Arc::clone(&bucket);
            std::thread::spawn(move || answer_all(&stream.unwrap(), &bucket));
        }
    });
    format!("http://{address}")
}

fn answer_all(stream: &TcpStream, bucket: &Mutex<Bucket>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let header = |name: &str| {
            let mut pairs = lines.iter().filter_map(|line| line.split_once(": "));
            let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned())
        };
        let length = header("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let mut words = lines[0].split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let notes = header("x-amz-meta-metaflow-user-attributes");
        let (status, headers, text) = bucket.lock().unwrap().answer(method, path, body, notes);
        let length = if method == "HEAD" {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", text.len())
        };
        let answer = format!("HTTP/1.1 {status} Word\r\n{headers}{length}\r\n{text}");
        let mut stream = stream;
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

impl Bucket {
    fn answer(
        &mut self,
        method: &str,
        path: &str,
        body: Vec<u8>,
        notes: Option<String>,
    ) -> (u16, String, String) {
        self.asked
            .push(format!("{method} {}", path.split('?').next().unwrap()));
        if let Some((status, text)) = self.refuses {
            let length = if method == "HEAD" {
                "Content-Length: 0\r\n"
            } else {
                ""
            };
            return (status, length.to_owned(), text.to_owned());
        }
        let etag = "ETag: \"1\"\r\n".to_owned();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match (method, query) {
            ("HEAD", _) => match self.objects.get(path) {
                Some((bytes, _)) => {
                    let date = "Last-Modified: Tue, 03 Dec 2019 00:00:00 GMT\r\n";
                    (
                        200,
                        format!("{etag}{date}Content-Length: {}\r\n", bytes.len()),
                        String::new(),
                    )
                }
                None => (404, "Content-Length: 0\r\n".to_owned(), String::new()),
            },
            ("POST", "uploads" | "uploads=") => {
                self.parts.insert(path.to_owned(), Vec::new());
                let text =
                    "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
                (200, String::new(), text.to_owned())
            }
            ("PUT", "") => {
                self.objects.insert(path.to_owned(), (body, notes));
                (200, etag, String::new())
            }
            ("PUT", _) => {
                self.parts.get_mut(path).unwrap().extend(body);
                (200, etag, String::new())
            }
            ("POST", _) => {
                let whole = self.parts.remove(path).unwrap();
                self.objects.insert(path.to_owned(), (whole, notes));
                let text =
                    "<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>";
                (200, String::new(), text.to_owned())
            }
            ("DELETE", _) => {
                self.parts.remove(path);
                (204, String::new(), String::new())
            }
            _ => (400, String::new(), String::new()),
        }
    }
}

fn upload(project: &Project, endpoint: &str, more: &[&str]) -> Ran {
    let mut command = vec![
        "package",
        "train.py",
        "--upload",
        "--datastore-root",
        "s3://bucket/metaflow",
    ];
    command.extend(more);
    let environment = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-west-1"),
    ];
    project.run_with(command, &environment, b"")
}

#[test]
fn without_credentials_nothing_is_asked_of_the_store() {
    let project = project();
    let bucket = Arc::new(Mutex::new(Bucket::default()));
    let endpoint = serve(&bucket);
    // Nobody listens there.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let environment = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_METADATA_ENDPOINT", &*format!("http://{closed}")),
        ("GCE_METADATA_HOST", &*closed.to_string()),
        ("HOME", "/nonexistent"),
        ("AWS_PROFILE", "team"),
        ("no_proxy", "127.0.0.1"),
    ];
    let upload = |root| {
        let command = ["package", "train.py", "--upload", "--datastore-root", root];
        let ran = project.run_with(command, &environment, b"").ends(2);
        assert_eq!(ran.out, "");
        ran
    };
    upload("s3://bucket/metaflow")
        .complains("no credentials are found in `AWS_ACCESS_KEY_ID`, `AWS_WEB_IDENTITY_TOKEN_FILE`")
        .complains("`/nonexistent/.aws/credentials`, `/nonexistent/.aws/config` (profile `team`)")
        .complains("set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` or `AWS_PROFILE`");
    upload("gs://bucket/metaflow")
        .complains("no credentials are found in `GOOGLE_APPLICATION_CREDENTIALS`")
        .complains("`/nonexistent/.config/gcloud/application_default_credentials.json`");
    assert!(bucket.lock().unwrap().asked.is_empty());
}

#[test]
fn twice_is_one_transfer() {
    let project = project();
    let bucket = Arc::new(Mutex::new(Bucket::default()));
    let endpoint = serve(&bucket);
    let first = upload(&project, &endpoint, &[])
        .ends(0)
        .complains("uploaded s3://bucket/metaflow/");
    let place = first.out.trim().strip_prefix("s3:/").unwrap().to_owned();
    let second = upload(&project, &endpoint, &[])
        .ends(0)
        .complains("is there already: s3://bucket/metaflow/");
    assert_eq!(first.out, second.out);
    let bucket = bucket.lock().unwrap();
    let puts = bucket.asked.iter().filter(|asked| asked.starts_with("PUT"));
    assert_eq!(puts.count(), 2, "{:?}", bucket.asked);
    let (tarball, notes) = &bucket.objects[&place];
    assert_eq!(place.rsplit('/').next().unwrap(), sha1(tarball));
    assert!(members(tarball).contains_key("train.py"));
    assert_eq!(notes.as_deref(), Some("{\"cas_raw\": true, \"cas_version\": 1}"));
    // The place of the included file is the one that a definition names, its content compressed.
    let included = format!("/bucket/metaflow/data/TrainFlow/{}", sha1(b"a,b\n1,2\n"));
    let mut content = String::new();
    let mut gzip = flate2::read::GzDecoder::new(bucket.objects[&included].0.as_slice());
    gzip.read_to_string(&mut content).unwrap();
    assert_eq!(content, "a,b\n1,2\n");
    let command = [
        "compile", "train.py", "--target", "argo", "--code", "package", "--image", "i",
    ];
    let root = ["--datastore-root", "s3://bucket/metaflow"];
    let definition = project.run(command.into_iter().chain(root)).ends(0).out;
    assert!(definition.contains(&format!("s3:/{place}")) && definition.contains(&format!("s3:/{included}")));
}

#[test]
fn azure_has_an_account_before_the_container() {
    let project = project();
    let bucket = Arc::new(Mutex::new(Bucket::default()));
    let endpoint = format!("{}/account", serve(&bucket));
    let setting = format!("METAFLOW_AZURE_STORAGE_BLOB_SERVICE_ENDPOINT={endpoint}");
    let command = [
        "package",
        "train.py",
        "--upload",
        "--datastore-root",
        "azure://container/mf",
        "--set",
        &setting,
    ];
    let environment = [("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")];
    let ran = project.run_with(command, &environment, b"").ends(0);
    project
        .run_with(command, &environment, b"")
        .ends(0)
        .complains("is there already");
    let bucket = bucket.lock().unwrap();
    let package = format!("/account/{}", ran.out.trim());
    assert!(bucket.objects.contains_key(&package), "{:?}", bucket.asked);
    // Metaflow looks for `azure://container/mf/…` below the container's own name.
    let included = format!(
        "/account/container/container/mf/data/TrainFlow/{}",
        sha1(b"a,b\n1,2\n")
    );
    assert!(bucket.objects.contains_key(&included), "{:?}", bucket.asked);
    let definition = project
        .run([
            "compile",
            "train.py",
            "--target",
            "argo",
            "--code",
            "package",
            "--image",
            "i",
            "--datastore-root",
            "azure://container/mf",
        ])
        .ends(0)
        .out;
    assert!(definition.contains("azure://container/mf/data/TrainFlow/"));
}

#[test]
fn a_large_package_goes_in_parts() {
    let project = project();
    // Bytes that do not shrink.
    let mut state = 1_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[1]
    });
    project.write("large.R", noise.take(20 * 1024 * 1024).collect::<Vec<u8>>());
    let bucket = Arc::new(Mutex::new(Bucket::default()));
    let endpoint = serve(&bucket);
    let ran = upload(&project, &endpoint, &[]).ends(0);
    let place = ran.out.trim().strip_prefix("s3:/").unwrap().to_owned();
    let bucket = bucket.lock().unwrap();
    assert_eq!(place.rsplit('/').next().unwrap(), sha1(&bucket.objects[&place].0));
    let puts = bucket
        .asked
        .iter()
        .filter(|asked| **asked == format!("PUT {place}"));
    assert_eq!(puts.count(), 3);
}

#[test]
fn code_in_the_image_needs_only_the_included_files() {
    let bucket = Arc::new(Mutex::new(Bucket::default()));
    let endpoint = serve(&bucket);
    upload(&project(), &endpoint, &["--code", "image:/app"])
        .ends(0)
        .complains("no code package");
    let bucket = bucket.lock().unwrap();
    let keys: Vec<&String> = bucket.objects.keys().collect();
    assert_eq!(keys.len(), 1);
    assert!(keys[0].contains("/data/TrainFlow/"));
}

#[test]
fn a_folder_is_a_store_too() {
    let project = project();
    let root = format!("file://{}", project.path("store").display());
    let command = ["package", "train.py", "--upload", "--datastore-root", &root];
    let first = project.run(command).ends(0).complains("uploaded file:///");
    let path = first.out.trim().strip_prefix("file://").unwrap().to_owned();
    let bytes = std::fs::read(&path).unwrap();
    assert!(path.ends_with(&sha1(&bytes)));
    let notes = std::fs::read_to_string(format!("{path}_meta")).unwrap();
    assert_eq!(notes, "{\"cas_raw\": true, \"cas_version\": 1}");
    project.run(command).ends(0).complains("is there already");
    // Nothing but whole files.
    let folder = std::path::Path::new(&path).parent().unwrap();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2);
}

#[test]
fn each_failure_says_what_to_do() {
    let project = project();
    let refusal = |status, text| {
        let bucket = Arc::new(Mutex::new(Bucket {
            refuses: Some((status, text)),
            ..Bucket::default()
        }));
        let ran = upload(&project, &serve(&bucket), &[]).ends(2);
        assert_eq!(ran.out, "");
        assert!(bucket.lock().unwrap().objects.is_empty());
        ran
    };
    refusal(403, "<Error><Code>AccessDenied</Code></Error>")
        .complains("cannot upload `s3://bucket/metaflow/")
        .complains("the bucket `bucket` refuses it; `s3:PutObject` is needed there");
    refusal(404, "<Error><Code>NoSuchBucket</Code></Error>").complains("there is no such bucket `bucket`");
    refusal(401, "").complains("the credentials are not accepted; set `AWS_ACCESS_KEY_ID`");
    // Nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    upload(&project, &format!("http://{port}"), &[])
        .ends(2)
        .complains("cannot upload `s3://bucket/metaflow/")
        .complains("onnection refused");
    let nowhere = ["package", "train.py", "--upload"];
    project
        .run(nowhere)
        .ends(2)
        .complains("give `--datastore-root URL`");
    let relative = ["package", "train.py", "--datastore-root", "file://store"];
    project.run(relative).ends(2).complains("no absolute path");
    project
        .run(["package", "train.py", "-o", "/dev/full"])
        .ends(2)
        .complains("cannot write `/dev/full`: No space left on device");
}

#[test]
fn what_may_not_be_read_or_written_is_named() {
    if rustix::process::geteuid().is_root() {
        // Root reads and writes everything; a folder in the place of the store is refused to root too.
        let project = project();
        project.write("store", "a file");
        let root = format!("file://{}", project.path("store").display());
        let ran = project.run(["package", "train.py", "--upload", "--datastore-root", &root]);
        ran.ends(2).complains("cannot upload `file:///");
        return;
    }
    let project = project();
    project.write("secret.py", "");
    let none = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(project.path("secret.py"), none).unwrap();
    project
        .run(["package", "train.py"])
        .ends(2)
        .complains("cannot read `secret.py` for the code package: Permission denied");
}
