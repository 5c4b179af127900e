-- The foreign tables of the examples, and a local one to join with.
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
CREATE SERVER shop FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host :'host', local_datacenter 'dc1');
CREATE USER MAPPING FOR PUBLIC SERVER shop;
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA shop FROM SERVER shop INTO shop;
CREATE TABLE public.regions (country text PRIMARY KEY, region text);
INSERT INTO public.regions VALUES ('AT', 'Europe'), ('JP', 'Asia');
ALTER DATABASE :"DBNAME" SET session_preload_libraries = 'cassandra_fdw';
