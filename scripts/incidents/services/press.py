"""press: asks for a label twice a second, by way of RabbitMQ.

    press.py RABBITMQ_PORT
"""

import json
import logging
import random
import sys
import time

import pika

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)-28s %(levelname)-7s %(message)s")
logging.getLogger("pika").setLevel(logging.WARNING)
log = logging.getLogger("press")

connection = pika.BlockingConnection(pika.ConnectionParameters(port=int(sys.argv[1])))
channel = connection.channel()
channel.queue_declare("labels", durable=True, arguments={"x-max-length": 30, "x-overflow": "reject-publish"})
channel.confirm_delivery()
log.info("press ready")
for jar in range(1, 1_000_000):
    connection.sleep(random.uniform(0.2, 0.6))
    if jar % 30 == 0:
        log.warning("jar %d has a dent, labelling it anyway", jar)
    label = {"jar": jar, "text": random.choice(["Quince", "Sea buckthorn", "Rowan"]), "grams": random.choice([120, 250, 400])}
    try:
        channel.basic_publish("", "labels", json.dumps(label).encode(), pika.BasicProperties(delivery_mode=2))
        log.info("jar %d sent to be labelled", jar)
    except pika.exceptions.NackError:
        log.error("jar %d refused: queue labels is full (NackError)", jar)
