//! What a pod can have and what not: attributes of `@kubernetes` and the settings that stand for them.

use super::*;

fn flow(decorators: &str) -> String {
    format!(
        "from metaflow import FlowSpec, environment, kubernetes, resources, step\n\n\nclass PodFlow(FlowSpec):\n{}    \
         @step\n    def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n\n\n\
         if __name__ == \"__main__\":\n    PodFlow()\n",
        decorators
            .lines()
            .map(|line| format!("    {line}\n"))
            .collect::<String>()
    )
}

fn to<'a>(target: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["compile", "pod.py", "--target", target];
    arguments.extend(DEPLOYMENT);
    arguments.extend(options);
    arguments
}

#[test]
fn values_that_no_pod_can_have_are_refused() {
    let project = Project::new(&[]);
    let cases = [
        ("@kubernetes(labels={'bad key': 'x'})", "FLC233"),
        ("@kubernetes(port=70000)", "FLC221"),
        ("@kubernetes(image_pull_policy='always')", "FLC254"),
        (
            "@kubernetes(tolerations=[{'key': 'a', 'operator': 'Exists', 'value': 'v'}])",
            "FLC254",
        ),
        ("@kubernetes(tolerations=[{}])", "FLC254"),
        ("@kubernetes(extended_resources={'abc': 1})", "FLC254"),
        (
            "@kubernetes(use_tmpfs=True, persistent_volume_claims={'tmpfs-ephemeral-volume': '/d'})",
            "FLC519",
        ),
        (
            "@kubernetes(use_tmpfs=True, tmpfs_path='/dev/shm', shared_memory=5)",
            "FLC519",
        ),
        ("@environment(vars={'Ä': 'x'})", "FLC250"),
    ];
    for (decorators, code) in cases {
        project.write("pod.py", flow(decorators));
        for target in ["argo", "airflow"] {
            project
                .run(to(target, &[]))
                .ends(1)
                .complains(&format!("error[{code}]"));
        }
    }
}

#[test]
fn places_of_argo_s_own_are_taken() {
    let project = Project::new(&[]);
    let cases = [
        "use_tmpfs=True, tmpfs_path='/mnt/out'",
        "persistent_volume_claims={'c': '/mnt/out'}",
        "persistent_volume_claims={'out': '/d'}",
        "persistent_volume_claims={'c': '/var/run/argo'}",
        "persistent_volume_claims={'tmp-dir-argo': '/d'}",
    ];
    for attributes in cases {
        project.write("pod.py", flow(&format!("@kubernetes({attributes})")));
        project
            .run(to("argo", &[]))
            .ends(1)
            .complains("error[FLC519]")
            .complains("pod.py:5:");
    }
}

#[test]
fn numbers_are_read_as_python_reads_them() {
    let project = Project::new(&[]);
    let cases = [
        (
            "@kubernetes(cpu='1_0', memory=' 1_000 ', disk=' 5000')",
            ["cpu: \"10\"", "1000M", "5000M"],
        ),
        (
            "@kubernetes(cpu=True, gpu=' 1 ')",
            ["cpu: \"1\"", "nvidia.com/gpu: \"1\"", "4096M"],
        ),
        (
            "@kubernetes(gpu='1_0', secrets='a, b')",
            ["nvidia.com/gpu: \"10\"", "name: a", "name: b"],
        ),
        ("@resources(cpu=' 3 ')", ["cpu: \"3\"", "4096M", "10240M"]),
    ];
    for (decorators, parts) in cases {
        project.write("pod.py", flow(decorators));
        let ran = project.run(to("argo", &[])).ends(0);
        for part in parts {
            assert!(ran.out.contains(part), "{decorators}: no {part}\n{}", ran.out);
        }
    }
}

#[test]
fn the_deployment_s_values_stand_where_an_attribute_is_empty() {
    let project = Project::new(&[]);
    let decorators =
        "@kubernetes(port=0, service_account='', node_selector={}, secrets='', image_pull_policy='')";
    project.write("pod.py", flow(decorators));
    let settings = [
        "KUBERNETES_PORT=81",
        "KUBERNETES_SERVICE_ACCOUNT=runner",
        "KUBERNETES_NODE_SELECTOR=disk=fast",
        "KUBERNETES_SHARED_MEMORY=77",
        "KUBERNETES_IMAGE_PULL_POLICY=Never",
    ];
    let options: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    let ran = project.run(to("argo", &options)).ends(0);
    let wanted = [
        "containerPort: 81",
        "serviceAccountName: runner",
        "disk: fast",
        "77Mi",
        "Never",
    ];
    for part in wanted {
        assert!(ran.out.contains(part), "no {part}\n{}", ran.out);
    }
    assert!(!ran.out.contains("name: \"\""), "{}", ran.out);
}

#[test]
fn settings_that_no_pod_can_have_are_refused() {
    let project = Project::new(&[("pod.py", &flow(""))]);
    let cases: [(&[&str], &str); 5] = [
        (
            &["--set", "METAFLOW_KUBERNETES_TOLERATIONS=junk"],
            "--set: METAFLOW_KUBERNETES_TOLERATIONS: `junk` is no JSON list",
        ),
        (
            &[
                "--set",
                "METAFLOW_KUBERNETES_PERSISTENT_VOLUME_CLAIMS={\"a\": \"/d\", \"b\": \"/d\"}",
            ],
            "METAFLOW_KUBERNETES_PERSISTENT_VOLUME_CLAIMS: `/d` is mounted twice",
        ),
        (
            &["--k8s-namespace", "a.b"],
            "--k8s-namespace: `a.b` is no name of a namespace",
        ),
        (&["--k8s-namespace", &"a".repeat(64)], "is no name of a namespace"),
        (
            &["--service-account", "Bad_SA"],
            "--service-account: `Bad_SA` is no name",
        ),
    ];
    for (options, message) in cases {
        project.run(to("airflow", options)).ends(2).complains(message);
    }
    project.write(
        "flowc.toml",
        "image = \"a\"\n[metaflow]\nKUBERNETES_QOS = \"foo\"\n",
    );
    project
        .run(to("argo", &[]))
        .ends(2)
        .complains("flowc.toml:3: METAFLOW_KUBERNETES_QOS: `foo` is none of");
    project.write("flowc.toml", "env = [\"METAFLOW_KUBERNETES_LABELS\"]\n");
    project
        .run_with(to("argo", &[]), &[("METAFLOW_KUBERNETES_LABELS", "a=b c")], b"")
        .ends(2)
        .complains("environment METAFLOW_KUBERNETES_LABELS: `b c` is no value of a label");
    // Step Functions has no pods.
    project.write("flowc.toml", "[metaflow]\nKUBERNETES_QOS = \"foo\"\n");
    project
        .run(["check", "pod.py", "--target", "step-functions"])
        .ends(0);
}

#[test]
fn findings_point_at_the_entry() {
    let project = Project::new(&[]);
    let cases = [
        ("@kubernetes(labels={'a': 'b',\n  'bad key': 'x'})", "pod.py:6:7"),
        ("@kubernetes(node_selector={\n  'a': 'b c'})", "pod.py:6:12"),
        (
            "@kubernetes(tolerations=[{'key': 'a'},\n  {'key': 'b', 'effect': 'Foo'}])",
            "pod.py:6:30",
        ),
        (
            "@kubernetes(persistent_volume_claims={'a': '/d',\n  'b': '/d'})",
            "pod.py:6:7",
        ),
        ("@environment(vars={'A': '1',\n  'Ä': '2'})", "pod.py:6:7"),
        // Written twice, the whole value it is.
        ("@kubernetes(labels={'a b': 'a b'})", "pod.py:5:24"),
    ];
    for (decorators, place) in cases {
        project.write("pod.py", flow(decorators));
        project.run(to("argo", &[])).ends(1).complains(place);
    }
}
