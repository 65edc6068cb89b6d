"""telescope: measures the sky every second and hands each reading to plates.

    telescope.py PLATES_URL DRIVER     driver 12 cannot divide by a flat field of zero, and says NaN
"""

import json
import random
import sys
import time
import urllib.error
import urllib.request


def say(level, text):
    print(f"{time.strftime('%Y-%jT%H:%M:%S')} {level:<5} TELESCOPE {text}", flush=True)


url, driver = sys.argv[1], int(sys.argv[2])
say("INFO", f"dome open, camera driver {driver}")
waiting, n = [], 0
while True:
    time.sleep(random.uniform(0.7, 1.3))
    n += 1
    flux = round(random.uniform(3, 90), 3)
    if driver == 12 and n > 8:
        flux = flux * float("nan")
    waiting.append(json.dumps({"frame": n, "star": random.randint(1, 40), "flux": flux}))
    while waiting:
        try:
            urllib.request.urlopen(urllib.request.Request(url + "/reading", waiting[0].encode(), {"Content-Type": "application/json"}), timeout=3).read()
            say("INFO", f"frame {json.loads(waiting.pop(0))['frame']} handed to plates")
        except urllib.error.HTTPError as error:
            say("WARN", f"plates answered {error.code}, {len(waiting)} frames wait")
            break
        except OSError as error:
            say("WARN", f"plates not reached, {len(waiting)} frames wait: {error}")
            break
    if n % 12 == 0:
        say("WARN", "humidity 80 %, near the limit")
