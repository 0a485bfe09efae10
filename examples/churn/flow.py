"""Train one churn model per region and keep the best."""

from metaflow import FlowSpec, Parameter, kubernetes, project, resources, retry, schedule, step, timeout

from settings import IMAGE, REGIONS

MEMORY = 4 * 1024


@project(name="churn")
@schedule(daily=True)
class ChurnFlow(FlowSpec):
    """Train one churn model per region and keep the best."""

    alpha = Parameter("alpha", default=0.5, help="Strength of the regularisation")
    table = Parameter("table", default="customers", help="Where the customers are")

    @step
    def start(self):
        self.regions = REGIONS
        self.next(self.train, foreach="regions")

    @retry(times=2, minutes_between_retries=1)
    @timeout(hours=1)
    @kubernetes(image=IMAGE, memory=MEMORY)
    @resources(cpu=2)
    @step
    def train(self):
        self.region = self.input
        self.score = (len(self.region) + len(self.table)) * self.alpha
        self.next(self.choose)

    @step
    def choose(self, inputs):
        best = max(inputs, key=lambda task: (task.score, task.region))
        self.best, self.score = best.region, best.score
        self.next(self.end)

    @step
    def end(self):
        print(f"best region: {self.best} ({self.score})")


if __name__ == "__main__":
    ChurnFlow()
