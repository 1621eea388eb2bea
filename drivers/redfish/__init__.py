"""Redfish (DSP0266, schemas of DSP2046 and DSP0268): what its drivers have in common.

``documents`` takes values out of resources that may lack anything; ``service`` reads them with few requests;
``actions`` and ``commands`` change what they can.
"""
