"""Submit a job from Python, poll it until it ends, read its logs."""

from time import sleep

from ray.job_submission import JobStatus, JobSubmissionClient

# region submit
client = JobSubmissionClient("http://localhost:8265")
job_id = client.submit_job(
    entrypoint="python script.py",
)
# endregion submit

# region poll
while not (status := client.get_job_status(job_id)).is_terminal():
    sleep(0.2)
logs = client.get_job_logs(job_id)
# endregion poll

print(status)
print(*logs.splitlines()[-3:], sep="\n")

assert status == JobStatus.SUCCEEDED, logs
