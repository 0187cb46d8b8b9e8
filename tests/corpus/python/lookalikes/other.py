import sqlite3
import threading

import mysql.connector
import pika
import redis
from redis.connection import ConnectionPool


class Pool:
    """A pool of workers, not of connections."""

    def __init__(self):
        self.free = []

    def acquire(self):
        return self.free.pop()

    def getconn(self):
        return self.free.pop()

    def release(self, worker):
        self.free.append(worker)


class Session:
    def __init__(self, bind=None):
        self.bind = bind

    def execute(self, command):
        return command

    def close(self):
        pass


def create_engine(url):
    return url


def workers(pool: Pool):
    worker = pool.acquire()  # site: correct library=other
    worker.run()


def workers_getconn():
    pool = Pool()
    conn = pool.getconn()  # site: correct library=other
    conn.execute("x")


def session():
    s = Session()  # site: correct library=other
    return s.execute("ls")


def engine():
    return create_engine("fast").connect()  # site: correct library=other


def mysql_one():
    conn = mysql.connector.connect(host="db")  # site: correct library=other
    cur = conn.cursor()
    cur.execute("SELECT 1")
    return cur.fetchall()


def sqlite_one():
    conn = sqlite3.connect("x.db")  # site: correct library=other
    return conn.execute("SELECT 1").fetchall()


def redis_one():
    pool = ConnectionPool(host="cache")  # site: correct library=other
    conn = pool.get_connection("PING")
    return redis.Redis(connection_pool=pool), conn


def rabbit():
    connection = pika.BlockingConnection()  # site: correct library=other
    channel = connection.channel()
    channel.queue_declare("x")


def lock():
    semaphore = threading.Semaphore()
    semaphore.acquire()  # site: correct library=other
    print("got it")
    semaphore.release()
