"""scanner: a handheld scanner that accepts a connection and lies forgotten in a drawer.

    scanner.py PORT
"""

import socket
import sys
import time

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
held = []
while True:
    held.append(server.accept())
    time.sleep(1)
