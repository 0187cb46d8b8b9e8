"""Run once, by hand: an error ends the run."""

import psycopg2


def create_database(name):
    conn = psycopg2.connect("dbname=postgres")  # site: correct library=psycopg2
    conn.autocommit = True
    cursor = conn.cursor()
    cursor.execute(f"create database {name}")
    cursor.close()
    conn.close()
