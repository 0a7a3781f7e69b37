"""``python -m benchmarks.stock_server PORT VARIABLES``: an asyncua server as its documentation has it.

Its variables are named as the load server's, and do not change by themselves.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from asyncua import ua
from asyncua.server.server import Server

from benchmarks.connector_process import NAMESPACE

FOLDER = 100
"""asyncua takes quadratic time to fill one folder."""


async def serve(port: int, variables: int) -> None:
    """Serve until the process is ended."""
    logging.getLogger("asyncua").setLevel(logging.ERROR)
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace(NAMESPACE)
    folder = server.nodes.objects
    for number in range(1, variables + 1):
        if number % FOLDER == 1:
            folder = await server.nodes.objects.add_folder(index, f"folder {number}")
        name = f"load_{number:06d}"
        await folder.add_variable(ua.NodeId(ua.String(name), ua.Int16(index)), name, float(number))
    async with server:
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
