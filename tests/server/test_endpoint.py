import pytest

from lakelet.server.endpoint import check_names
from lakelet.services import SERVICES
from lakelet.services.sts import Sts
from lakelet.wire.models import service_model


class Misspelt(Sts):
    def get_caler_identity(self) -> None: ...


def test_a_method_that_names_no_operation_is_refused() -> None:
    with pytest.raises(TypeError, match="get_caler_identity"):
        check_names("sts", Misspelt.__new__(Misspelt))
    check_names("sts", Sts.__new__(Sts))


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_model(service: str) -> None:
    assert service_model(service).operation_names
