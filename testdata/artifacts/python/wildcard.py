from types import *
