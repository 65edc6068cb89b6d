"""signs: the boards at the tram stops, all 12 of them (aiohttp).

    signs.py GATEWAY_PORT RELEASE     release 4.1 opens a new WebSocket every now and then, and forgets to close the old one
"""

import asyncio
import random
import sys
import time

import aiohttp

port, release = sys.argv[1:]
kept = []


def say(level, text):
    now = time.time()
    print(f"{time.strftime('%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d} {level} signs/{release} {text}", flush=True)


async def sign(session, number):
    while True:
        try:
            ws = await asyncio.wait_for(session.ws_connect(f"http://127.0.0.1:{port}/stop-{number}"), 4)
            until = time.monotonic() + random.uniform(9, 16)
            while time.monotonic() < until:
                message = await asyncio.wait_for(ws.receive(), 8)
                if message.type != aiohttp.WSMsgType.TEXT:
                    raise ConnectionError(f"gateway closed with {ws.close_code}")
                say("I", f"stop {number} shows {message.data}")
            if release == "4.1":
                kept.append(ws)
            else:
                await ws.close()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            say("E", f"stop {number} is dark: {error!r}")
            await asyncio.sleep(2)


async def main():
    say("I", "lamps on")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(sign(session, n) for n in range(1, 13)))

asyncio.run(main())
