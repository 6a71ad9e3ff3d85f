from zoo.testing import check_model


def test_keeps_what_the_zoo_promises():
    check_model("@name@")
