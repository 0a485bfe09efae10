//! Every attribute of `@kubernetes`, and the pod that the provider makes of it on two versions of Airflow.

use std::fmt::Write as _;

use flowc::decorator;
use serde_json::{Value as Json, json};

use super::engine;
use crate::program::Project;

const BASE: &str = "/spec/containers/0";

/// What becomes of an attribute: values of the pod by their place, or a diagnostic.
enum Fate {
    Pod(Vec<(&'static str, Json)>),
    Note,
}
use Fate::{Note, Pod};

/// Attribute, what stands in the parentheses, what becomes of it.
fn table() -> Vec<(&'static str, &'static str, Fate)> {
    let request = |name: &str, quantity: &str| {
        let pointer: &'static str = Box::leak(format!("{BASE}/resources/{name}").into_boxed_str());
        (pointer, json!(quantity))
    };
    vec![
        ("cpu", "cpu=2.5", Pod(vec![request("requests/cpu", "2.5")])),
        (
            "memory",
            "memory=1000",
            Pod(vec![request("requests/memory", "1000M")]),
        ),
        (
            "disk",
            "disk='2000'",
            Pod(vec![request("requests/ephemeral-storage", "2000M")]),
        ),
        (
            "image",
            "image='me/image:1'",
            Pod(vec![("/spec/containers/0/image", json!("me/image:1"))]),
        ),
        (
            "image_pull_policy",
            "image_pull_policy='Always'",
            Pod(vec![("/spec/containers/0/imagePullPolicy", json!("Always"))]),
        ),
        (
            "image_pull_secrets",
            "image_pull_secrets=['a', 'b']",
            Pod(vec![(
                "/spec/imagePullSecrets",
                json!([{"name": "a"}, {"name": "b"}]),
            )]),
        ),
        (
            "service_account",
            "service_account='robot'",
            Pod(vec![("/spec/serviceAccountName", json!("robot"))]),
        ),
        (
            "secrets",
            "secrets=['one', 'two']",
            Pod(vec![(
                "/spec/containers/0/envFrom",
                json!([{"secretRef": {"name": "one"}}, {"secretRef": {"name": "two"}}]),
            )]),
        ),
        (
            "node_selector",
            "node_selector={'disk': 'ssd'}",
            Pod(vec![("/spec/nodeSelector", json!({"disk": "ssd"}))]),
        ),
        (
            "namespace",
            "namespace='research'",
            Pod(vec![("/metadata/namespace", json!("research"))]),
        ),
        ("gpu", "gpu=2", Pod(vec![request("limits/nvidia.com~1gpu", "2")])),
        (
            "gpu_vendor",
            "gpu=1, gpu_vendor='AMD'",
            Pod(vec![request("limits/amd.com~1gpu", "1")]),
        ),
        (
            "tolerations",
            "tolerations=[{'key': 'k', 'operator': 'Equal', 'value': 'v', 'effect': 'NoExecute', 'toleration_seconds': 30}]",
            Pod(vec![(
                "/spec/tolerations",
                json!([{"key": "k", "operator": "Equal", "value": "v", "effect": "NoExecute", "tolerationSeconds": 30}]),
            )]),
        ),
        (
            "labels",
            "labels={'team': 'x'}",
            Pod(vec![("/metadata/labels/team", json!("x"))]),
        ),
        (
            "annotations",
            "annotations={'note': '{{ 1 }} $$ $(X)'}",
            Pod(vec![("/metadata/annotations/note", json!("{{ 1 }} $$ $(X)"))]),
        ),
        (
            "use_tmpfs",
            "use_tmpfs=True, memory=1000",
            Pod(vec![
                (
                    "/spec/volumes/1",
                    json!({"name": "tmpfs-ephemeral-volume", "emptyDir": {"medium": "Memory", "sizeLimit": "500Mi"}}),
                ),
                (
                    "/spec/containers/0/volumeMounts/1",
                    json!({"name": "tmpfs-ephemeral-volume", "mountPath": "/metaflow_temp"}),
                ),
            ]),
        ),
        (
            "tmpfs_tempdir",
            "tmpfs_tempdir=True, tmpfs_size=10",
            Pod(vec![(
                "/spec/containers/0/env/0",
                json!({"name": "METAFLOW_TEMPDIR", "value": "/metaflow_temp"}),
            )]),
        ),
        (
            "tmpfs_size",
            "tmpfs_size=100",
            Pod(vec![(
                "/spec/volumes/1/emptyDir",
                json!({"medium": "Memory", "sizeLimit": "100Mi"}),
            )]),
        ),
        (
            "tmpfs_path",
            "tmpfs_path='/scratch', tmpfs_size=10",
            Pod(vec![
                ("/spec/containers/0/volumeMounts/1/mountPath", json!("/scratch")),
                ("/spec/containers/0/env/0/value", json!("/scratch")),
            ]),
        ),
        (
            "persistent_volume_claims",
            "persistent_volume_claims={'claim': '/data'}",
            Pod(vec![
                (
                    "/spec/volumes/1",
                    json!({"name": "claim", "persistentVolumeClaim": {"claimName": "claim"}}),
                ),
                (
                    "/spec/containers/0/volumeMounts/1",
                    json!({"name": "claim", "mountPath": "/data"}),
                ),
            ]),
        ),
        (
            "shared_memory",
            "shared_memory=64",
            Pod(vec![
                (
                    "/spec/volumes/1",
                    json!({"name": "dhsm", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}),
                ),
                (
                    "/spec/containers/0/volumeMounts/1",
                    json!({"name": "dhsm", "mountPath": "/dev/shm"}),
                ),
            ]),
        ),
        (
            "port",
            "port=8080",
            Pod(vec![(
                "/spec/containers/0/ports",
                json!([{"containerPort": 8080}]),
            )]),
        ),
        (
            "compute_pool",
            "compute_pool='pool'",
            Pod(vec![(
                "/spec/nodeSelector",
                json!({"outerbounds.co/compute-pool": "pool"}),
            )]),
        ),
        ("executable", "executable='python3.9'", Note),
        (
            "hostname_resolution_timeout",
            "hostname_resolution_timeout=30",
            Note,
        ),
        (
            "qos",
            "qos='Guaranteed', cpu=2",
            Pod(vec![(
                "/spec/containers/0/resources/limits",
                json!({"cpu": "2", "memory": "4096M", "ephemeral-storage": "10240M"}),
            )]),
        ),
        (
            "extended_resources",
            "extended_resources={'a.b/c': '2'}",
            Pod(vec![
                request("requests/a.b~1c", "2"),
                request("limits/a.b~1c", "2"),
            ]),
        ),
        (
            "security_context",
            "security_context={'run_as_user': 1000, 'capabilities': {'add': ['NET_ADMIN']}}",
            Pod(vec![(
                "/spec/containers/0/securityContext",
                json!({"runAsUser": 1000, "capabilities": {"add": ["NET_ADMIN"]}}),
            )]),
        ),
    ]
}

/// A chain with one step an attribute, whose name is the step's.
fn flow() -> String {
    let mut steps = String::new();
    let table = table();
    let names = table.iter().map(|(name, ..)| format!("of_{name}"));
    let mut following = names.skip(1).chain(["end".to_owned()]);
    let first = table[0].0;
    write!(
        steps,
        "    @step\n    def start(self):\n        self.next(self.of_{first})\n\n"
    )
    .unwrap();
    for (name, arguments, _) in &table {
        let next = following.next().unwrap();
        write!(
            steps,
            "    @kubernetes({arguments})\n    @step\n    def of_{name}(self):\n        self.next(self.{next})\n\n"
        )
        .unwrap();
    }
    format!(
        "from metaflow import FlowSpec, kubernetes, step\n\n\nclass Pods(FlowSpec):\n{steps}    @step\n    def end(self):\n        pass\n\n\nif __name__ == \"__main__\":\n    Pods()\n"
    )
}

const OPTIONS: [&str; 12] = [
    "compile",
    "pods.py",
    "--target",
    "airflow",
    "--datastore-root",
    "s3://bucket/metaflow",
    "--code",
    "image:/app",
    "--image",
    "python:3.11",
    "-o",
    "pods_dag.py",
];

#[test]
fn the_table_holds_every_attribute() {
    let declared = decorator::find("kubernetes").unwrap().attributes.iter();
    let mut declared: Vec<&str> = declared.map(|attribute| attribute.name).collect();
    let mut listed: Vec<&str> = table().iter().map(|(name, ..)| *name).collect();
    declared.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, declared);
}

#[test]
fn what_does_not_reach_the_pod_is_said() {
    let project = Project::new(&[("pods.py", &flow())]);
    let ran = project.run(OPTIONS).ends(0);
    for (name, _, fate) in table() {
        let is_said = ran
            .err
            .contains(&format!("`{name}` of `@kubernetes` has no effect on Airflow"));
        assert_eq!(is_said, matches!(fate, Note), "{name}\n{}", ran.err);
    }
}

#[test]
fn the_provider_makes_the_pod_that_the_attributes_say() {
    let Some(engine) = engine::find("pods of Airflow's provider") else {
        return;
    };
    let project = Project::new(&[("pods.py", &flow())]);
    project.run(OPTIONS).ends(0);
    for version in engine::VERSIONS {
        let pods = engine.ask(version, "pods.py", &project.path("pods_dag.py"));
        let plain = &pods["start"];
        for (name, _, fate) in table() {
            let pod = &pods[format!("of_{name}")];
            match fate {
                Pod(wanted) => {
                    for (place, value) in wanted {
                        let found = pod.pointer(place);
                        assert_eq!(found, Some(&value), "{version}: {name}: {place}\n{pod:#}");
                        assert_ne!(plain.pointer(place), Some(&value), "{name}: {place} says nothing");
                    }
                }
                Note => assert_eq!(pod["spec"], plain["spec"], "{version}: {name}"),
            }
        }
    }
}
