# Tells a service how the run ended. What cannot be sent is said here, and does not make the run fail.
import json, os, time, urllib.request

env = os.environ
flow, run = env["METAFLOW_FLOW_NAME"], "argo-" + env["ARGO_WORKFLOW_NAME"]
service, failed = env["FLOWC_SERVICE"], env["FLOWC_OUTCOME"] == "error"
outcome = "failed" if failed else "succeeded"
summary = "Metaflow run %s/%s %s" % (flow, run, outcome)
links = []
if env.get("METAFLOW_UI_URL"):
    links.append(("Metaflow UI", "%s/%s/%s" % (env["METAFLOW_UI_URL"].rstrip("/"), flow, run)))
if env.get("METAFLOW_ARGO_WORKFLOWS_UI_URL"):
    place = (env["METAFLOW_ARGO_WORKFLOWS_UI_URL"].rstrip("/"), env["ARGO_WORKFLOW_NAMESPACE"], env["ARGO_WORKFLOW_NAME"])
    links.append(("Argo UI", "%s/workflows/%s/%s" % place))


def slack(url):
    sign = ":rotating_light:" if failed else ":white_check_mark:"
    text = "%s _%s/%s_ %s" % (sign, flow, run, outcome)
    section = dict(type="section", text=dict(type="mrkdwn", text=text))
    elements = [dict(type="mrkdwn", text="<%s|%s>" % (to, name)) for name, to in links]
    blocks = [section] + ([dict(type="context", elements=elements)] if elements else [])
    return url, dict(text=text, blocks=blocks), dict()


def pager_duty(key):
    payload = dict(source=env["ARGO_WORKFLOW_NAME"], summary=summary, custom_details=dict([("Flow", flow), ("Run ID", run)]))
    body = dict(routing_key=key, payload=payload, links=[dict(href=to, text=name) for name, to in links])
    if not failed:  # a change that is no alert
        return "https://events.pagerduty.com/v2/change/enqueue", body, dict()
    payload["severity"] = "info"
    return "https://events.pagerduty.com/v2/enqueue", dict(body, event_action="trigger"), dict()


def incident_io(key):
    more = json.loads(env.get("FLOWC_INCIDENT_IO_METADATA") or "null") or dict()
    body = dict(idempotency_key=run, status="firing", title="Flow %s %s" % (flow, outcome),
                description="\n\n".join([summary] + ["[%s](%s)" % link for link in links]),
                metadata=dict(more, run_status=outcome, flow_name=flow, run_id=run))
    if links:
        body["source_url"] = links[0][1]
    return "https://api.incident.io/v2/alert_events/http/" + env["FLOWC_INCIDENT_IO_SOURCE"], body, dict(Authorization="Bearer " + key)


send, variable = dict([("slack", (slack, "FLOWC_SLACK_URL")), ("pager-duty", (pager_duty, "FLOWC_PAGER_DUTY_KEY")),
                       ("incident-io", (incident_io, "FLOWC_INCIDENT_IO_KEY"))])[service]
key = env.get(variable, "").strip()
if not key:
    print("%s is not told: the secret that holds its key is not there, or has no such entry" % service)
for attempt in range(4 if key else 0):
    try:
        url, body, headers = send(key)
        headers = dict([("Content-Type", "application/json")], **headers)
        request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            print("told %s: %s" % (service, answer.status))
        break
    except Exception as problem:  # of any kind, and without the key, which an address may hold
        print("could not tell %s: %s" % (service, str(problem).replace(key, "***")))
        time.sleep(3 * attempt)
