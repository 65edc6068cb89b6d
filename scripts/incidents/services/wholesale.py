"""wholesale: sends the labels of a file to RabbitMQ as they are.

    wholesale.py RABBITMQ_PORT FILE
"""

import logging
import sys

import pika

logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)-28s %(levelname)-7s %(message)s")
logging.getLogger("pika").setLevel(logging.WARNING)
connection = pika.BlockingConnection(pika.ConnectionParameters(port=int(sys.argv[1])))
lines = open(sys.argv[2], "rb").read().splitlines()
for line in lines:
    connection.channel().basic_publish("", "labels", line, pika.BasicProperties(delivery_mode=2))
logging.getLogger("wholesale").info("sent %d labels of %s", len(lines), sys.argv[2])
connection.close()
