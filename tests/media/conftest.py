import pytest

from proctor.media.server import MediaServer
from tests.media.support import Participants, PushedClock


@pytest.fixture
def clock() -> PushedClock:
    return PushedClock()


@pytest.fixture
async def server(clock):
    server = MediaServer(host="127.0.0.1", port=0, announce=["127.0.0.1"], clock=clock)
    await server.start()
    yield server
    await server.close()


@pytest.fixture
async def people(server):
    people = Participants(server.room("r"))
    yield people
    await people.stop()
