"""ratings: the chess club's ratings; asks pairings how many tables there are (aiohttp).

    ratings.py PORT PAIRINGS_PORT
"""

import asyncio
import logging
import random
import sys

import aiohttp
from aiohttp import web

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s.%(msecs)03d|%(levelname).1s|%(name)s|%(message)s", datefmt="%Y%m%d-%H%M%S")
log = logging.getLogger("ratings")
port, pairings = map(int, sys.argv[1:])


async def rating(request):
    return web.Response(text=str(1200 + 31 * int(request.match_info["member"])))


async def count(app):
    async def loop():
        while True:
            await asyncio.sleep(random.uniform(3, 5))
            try:
                async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
                    async with session.get(f"http://127.0.0.1:{pairings}/table/{random.randint(1, 9)}") as answer:
                        log.info("tables read: %s", await answer.text())
            except (aiohttp.ClientError, asyncio.TimeoutError) as error:
                log.error("tables not read from pairings: %r, ratings of today are not final", error)
    app["loop"] = asyncio.create_task(loop())

app = web.Application()
app.add_routes([web.get("/rating/{member}", rating)])
app.on_startup.append(count)
web.run_app(app, host="127.0.0.1", port=port, print=None)
