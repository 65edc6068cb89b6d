"""vents: opens the vents of the greenhouse by what MQTT tells of its climate, and tells how far they are open.

    vents.py PORT PASSWORD_FILE
"""

import json
import sys
import time

import paho.mqtt.client as mqtt


def say(level, text):
    print(f"<{level}> {time.strftime('%b %d %H:%M:%S')} vents: {text}", flush=True)


def connected(client, _, flags, code):
    if code:
        say(3, f"broker refuses us: {mqtt.connack_string(code)}")
    else:
        say(6, "connected to the broker")
        client.subscribe("climate/#")


def gone(client, _, code):
    say(4, f"connection to the broker ended: {mqtt.error_string(code)}")


def climate(client, _, message):
    degrees = json.loads(message.payload)["degrees"]
    client.publish("vents/open", max(0, min(100, int(degrees * 12 - 200))))
    say(6, f"{message.topic} {degrees}, vents moved")


client = mqtt.Client("vents", clean_session=True)
client.username_pw_set("vents", open(sys.argv[2]).read().strip())
client.on_connect, client.on_disconnect, client.on_message = connected, gone, climate
client.reconnect_delay_set(1, 3)
client.connect("127.0.0.1", int(sys.argv[1]), keepalive=15)
client.loop_start()
n = 0
while True:
    time.sleep(10)
    n += 1
    say(5, "vent 6 needs grease")
    if n % 3 == 0: # takes up rules of the day anew
        say(6, "rules of the day read, connecting again")
        client.reconnect()
