from zoo.testing import check_model


def test_the_model_passes_all_checks_of_the_zoo():
    check_model("@name@")
