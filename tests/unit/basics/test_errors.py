import pickle

from slimdesk.basics.errors import BadInput, DockerfileError, EngineUnreachable, ProjectError


def test_an_error_reads_as_a_sentence_and_what_to_do():
    error = EngineUnreachable(
        "Docker does not answer", "permission denied on /var/run/docker.sock", "Join the group docker"
    )
    assert (
        str(error)
        == "Docker does not answer: permission denied on /var/run/docker.sock. Join the group docker."
    )
    assert str(ProjectError("There is no folder x")) == "There is no folder x."
    assert str(ProjectError("Really?", "", "Look again")) == "Really? Look again."


def test_errors_cross_process_borders():
    copy = pickle.loads(pickle.dumps(ProjectError("a", "b", "c")))
    assert (copy.what, copy.why, copy.todo) == ("a", "b", "c")
    assert isinstance(copy, BadInput)
    dockerfile = pickle.loads(pickle.dumps(DockerfileError("a", "b", "c", line=7)))
    assert dockerfile.line == 7
