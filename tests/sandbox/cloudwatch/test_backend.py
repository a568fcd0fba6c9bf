"""CloudWatch's state, without a server before it."""

from sandbox.cloudwatch.backend import SandboxCloudWatchBackend


def put(backend: SandboxCloudWatchBackend, name: str) -> None:
    """Put an alarm on a metric of its own."""
    backend.put_metric_alarm(
        name=name,
        namespace="Test",
        metric_name=name,
        metric_data_queries=[],
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        period=60,
        threshold=1.0,
        statistic="Sum",
        description="",
        dimensions=[],
        alarm_actions=[],
    )


def test_alarms_may_come_while_an_answer_is_written() -> None:
    """Two stacks that are applied at once put and describe alarms at once."""
    backend = SandboxCloudWatchBackend("us-east-1", "123456789012")
    put(backend, "first")
    put(backend, "second")
    shown = iter(backend.describe_alarms())
    assert next(shown).name == "first"
    put(backend, "third")
    assert [alarm.name for alarm in shown] == ["second"]
